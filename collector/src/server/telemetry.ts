import { metrics } from '@opentelemetry/api';
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

/** Counts what comes in. */
export interface IntakeTelemetry {
  accepted(signal: Signal, transport: Transport, items: number, sizeBytes: number): void;
  refused(signal: Signal, transport: Transport, reason: RefusalReason): void;
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
  return {
    accepted(signal, transport, count, sizeBytes) {
      requests.add(1, { signal, transport, outcome: 'accepted' });
      items.add(count, { signal, transport });
      bytes.add(sizeBytes, { signal, transport });
    },
    refused(signal, transport, reason) {
      requests.add(1, { signal, transport, outcome: 'refused', reason });
    },
  };
}
