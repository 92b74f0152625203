import { metrics } from '@opentelemetry/api';
import type { RefusedReason } from '../otlp/item-judge.ts';
import type { MalformedReason } from '../otlp/malformed.ts';
import type { Signal } from '../signal.ts';

/** How a request came. */
export type Transport = 'http' | 'grpc';

/** Why a request was refused: the metric's attribute, the log's field. */
export type RefusalReason =
  | MalformedReason
  | 'too_large'
  | 'bad_compression'
  | 'bad_media_type'
  | 'bad_encoding'
  | 'incomplete'
  | 'busy'
  | 'journal_full'
  | 'disk_full'
  | 'journal_failed';

/** What was changed in an item that is stored. */
export type MendReason = 'end_before_start';

/** Counts what comes in. */
export interface IntakeTelemetry {
  accepted(signal: Signal, transport: Transport, items: number, sizeBytes: number): void;
  refused(signal: Signal, transport: Transport, reason: RefusalReason): void;
  /** Items refused of a request whose other items were taken. */
  itemsRefused(signal: Signal, transport: Transport, reason: RefusedReason, items: number): void;
  itemsMended(signal: Signal, transport: Transport, reason: MendReason, items: number): void;
}

/** Makes the counters of the meter `tocsin.collector`. Call it after the telemetry SDK has been started. */
export function createIntakeTelemetry(): IntakeTelemetry {
  const meter = metrics.getMeter('tocsin.collector');
  const requests = meter.createCounter('tocsin.collector.requests', {
    unit: '{request}',
    description: 'Export requests, by outcome and reason of refusal',
  });
  const items = meter.createCounter('tocsin.collector.items', {
    unit: '{item}',
    description: 'Spans, data points and log records accepted',
  });
  const bytes = meter.createCounter('tocsin.collector.bytes', {
    unit: 'By',
    description: 'Bytes accepted, as protobuf without compression',
  });
  const refusedItems = meter.createCounter('tocsin.collector.items.refused', {
    unit: '{item}',
    description: 'Spans, data points and log records refused of requests whose others were accepted, by reason',
  });
  const mendedItems = meter.createCounter('tocsin.collector.items.mended', {
    unit: '{item}',
    description: 'Spans, data points and log records stored otherwise than they came, by reason',
  });
  return {
    accepted(signal, transport, count, sizeBytes) {
      requests.add(1, { signal, transport, outcome: 'accepted' });
      items.add(count, { signal, transport });
      bytes.add(sizeBytes, { signal, transport });
    },
    refused(signal, transport, reason) {
      requests.add(1, { signal, transport, outcome: 'refused', reason });
    },
    itemsRefused: (signal, transport, reason, count) => refusedItems.add(count, { signal, transport, reason }),
    itemsMended: (signal, transport, reason, count) => mendedItems.add(count, { signal, transport, reason }),
  };
}
