import { metrics, SpanStatusCode, trace } from '@opentelemetry/api';
import type { JournalHandle } from '../journal/journal.ts';
import type { SealedSegment, SegmentRequest } from '../journal/segment.ts';
import type { Signal } from '../signal.ts';
import type { DeadLetterReason } from './dead-letter.ts';
import type { RetryReason } from './insert-segment.ts';

/** A segment that has been loaded. Times in milliseconds since the epoch. */
export interface LoadedSegment {
  readonly segment: SealedSegment;
  readonly requests: readonly SegmentRequest[];
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** Attempts that failed before. */
  readonly retries: number;
  readonly deadLetters: number;
}

/** What the loader tells about itself. */
export interface LoadTelemetry {
  loaded(loaded: LoadedSegment): void;
  retried(signal: Signal, reason: RetryReason): void;
  deadLettered(signal: Signal, reason: DeadLetterReason): void;
  /** Stops observing the journal. */
  stop(): void;
}

/** Makes the loader's and the journal's instruments on the meter `tocsin.collector`. */
export function createLoadTelemetry(journal: JournalHandle, now: () => number): LoadTelemetry {
  const meter = metrics.getMeter('tocsin.collector');
  const tracer = trace.getTracer('tocsin.collector');
  const items = meter.createCounter('tocsin.collector.loaded.items', {
    unit: '{item}',
    description: 'Spans, data points and log records that are in ClickHouse',
  });
  const segments = meter.createCounter('tocsin.collector.loaded.segments', { unit: '{segment}' });
  const retries = meter.createCounter('tocsin.collector.load.retries', { unit: '{retry}' });
  const deadLetters = meter.createCounter('tocsin.collector.dead_letters', { unit: '{request}' });
  const durationS = meter.createHistogram('tocsin.collector.load.duration', {
    unit: 's',
    description: 'From reading a segment to ClickHouse having confirmed it',
  });
  const stop = observeJournal(journal, now);

  return {
    loaded({ segment, requests, startedAtMs, endedAtMs, retries: failed, deadLetters: buried }) {
      const { signal } = segment;
      const count = requests.reduce((sum, request) => sum + request.items, 0);
      items.add(count, { signal });
      segments.add(1, { signal });
      durationS.record((endedAtMs - startedAtMs) / 1_000, { signal });
      // What is only our own telemetry makes no span: it would feed itself for ever.
      if (requests.every(({ self }) => self)) return;
      const attributes = {
        'tocsin.segment.name': segment.name,
        'tocsin.segment.size': segment.sizeBytes,
        'tocsin.segment.requests': requests.length,
        'tocsin.segment.items': count,
        'tocsin.load.retries': failed,
        'tocsin.load.dead_letters': buried,
      };
      const span = tracer.startSpan(`load ${signal}`, { attributes, startTime: startedAtMs, root: true });
      if (buried > 0) span.setStatus({ code: SpanStatusCode.ERROR, message: `${buried} requests refused` });
      span.end(endedAtMs);
    },
    retried: (signal, reason) => retries.add(1, { signal, reason }),
    deadLettered: (signal, reason) => deadLetters.add(1, { signal, reason }),
    stop,
  };
}

function observeJournal(journal: JournalHandle, now: () => number): () => void {
  const meter = metrics.getMeter('tocsin.collector');
  const bytes = meter.createObservableGauge('tocsin.collector.journal.size', { unit: 'By' });
  const segments = meter.createObservableGauge('tocsin.collector.journal.segments', { unit: '{segment}' });
  const oldestS = meter.createObservableGauge('tocsin.collector.journal.oldest_age', {
    unit: 's',
    description: 'Age of the oldest segment that is not in ClickHouse yet',
  });
  const torn = meter.createObservableCounter('tocsin.collector.journal.torn', {
    unit: 'By',
    description: 'Bytes of torn tails cut at the start',
  });
  const observed = [bytes, segments, oldestS, torn];
  const observe: Parameters<typeof meter.addBatchObservableCallback>[0] = (result) => {
    const stats = journal.stats();
    result.observe(bytes, stats.bytes);
    result.observe(segments, stats.segments);
    result.observe(oldestS, stats.oldestAtMs === undefined ? 0 : Math.max(0, now() - stats.oldestAtMs) / 1_000);
    result.observe(torn, stats.tornBytes);
  };
  meter.addBatchObservableCallback(observe, observed);
  return () => meter.removeBatchObservableCallback(observe, observed);
}
