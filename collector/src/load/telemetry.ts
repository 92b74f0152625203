import {
  type BatchObservableCallback,
  type Counter,
  metrics,
  type ObservableGauge,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { JournalHandle } from '../journal/journal.ts';
import type { SealedSegment, SegmentRequest } from '../journal/segment.ts';
import type { Signal } from '../signal.ts';
import type { DeadLetterReason, DeadLetters } from './dead-letter.ts';
import type { RetryReason } from './insert-segment.ts';
import type { SplitReason } from './load-segment.ts';
import type { TableParts } from './table-parts.ts';

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

/** What the loader tells about itself. `items` are spans, data points and log records. */
export interface LoadTelemetry {
  loaded(loaded: LoadedSegment): void;
  retried(signal: Signal, reason: RetryReason, items: number): void;
  split(signal: Signal, reason: SplitReason, items: number): void;
  deadLettered(signal: Signal, reason: DeadLetterReason, items: number): void;
  /** Stops observing. */
  stop(): void;
}

/** What is observed whenever metrics go out. */
export interface Observed {
  readonly journal: Pick<JournalHandle, 'stats'>;
  readonly deadLetters: Pick<DeadLetters, 'stats'>;
  readonly parts: () => readonly TableParts[];
  readonly now: () => number;
}

/** Makes the loader's and the journal's instruments on the meter `tocsin.collector`. */
export function createLoadTelemetry(observed: Observed): LoadTelemetry {
  const meter = metrics.getMeter('tocsin.collector');
  const tracer = trace.getTracer('tocsin.collector');
  const counters = createCounters();
  const durationS = meter.createHistogram('tocsin.collector.load.duration', {
    unit: 's',
    description: 'From reading a segment to ClickHouse having confirmed it',
  });
  /** The longest lag of each signal since it was last told, in milliseconds. */
  const lags = new Map<Signal, number>();
  const stop = observe(observed, lags);

  return {
    loaded({ segment, requests, startedAtMs, endedAtMs, retries: failed, deadLetters: buried }) {
      const { signal } = segment;
      const count = requests.reduce((sum, request) => sum + request.items, 0);
      counters.loadedItems.add(count, { signal });
      counters.loadedSegments.add(1, { signal });
      durationS.record((endedAtMs - startedAtMs) / 1_000, { signal });
      // What is only our own telemetry makes no span, for it would feed itself for ever; and it is gathered on purpose, so it does not lag.
      if (requests.every(({ self }) => self)) return;
      lags.set(signal, Math.max(lags.get(signal) ?? 0, endedAtMs - segment.createdAtMs));
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
    retried(signal, reason, items) {
      counters.retries.add(1, { signal, reason });
      counters.retriedItems.add(items, { signal, reason });
    },
    split(signal, reason, items) {
      counters.splits.add(1, { signal, reason });
      counters.splitItems.add(items, { signal, reason });
    },
    deadLettered(signal, reason, items) {
      counters.deadLetters.add(1, { signal, reason });
      counters.deadLetterItems.add(items, { signal, reason });
    },
    stop,
  };
}

function createCounters() {
  const meter = metrics.getMeter('tocsin.collector');
  const counter = (name: string, unit: string, description: string): Counter =>
    meter.createCounter(`tocsin.collector.${name}`, { unit, description });
  return {
    loadedItems: counter('loaded.items', '{item}', 'Spans, data points and log records that are in ClickHouse'),
    loadedSegments: counter('loaded.segments', '{segment}', 'Segments that are in ClickHouse'),
    retries: counter('load.retries', '{retry}', 'Attempts at a segment that failed, by reason'),
    retriedItems: counter('load.retried.items', '{item}', 'What was in these segments, counted at each attempt'),
    splits: counter('load.splits', '{split}', 'Parts of segments that were cut in halves, by reason'),
    splitItems: counter('load.split.items', '{item}', 'What was in these parts, counted at each cut'),
    deadLetters: counter('dead_letters', '{request}', 'Requests that were set aside, by reason'),
    deadLetterItems: counter('dead_letters.items', '{item}', 'What was in these requests'),
  } as const;
}

function observe({ journal, deadLetters, parts, now }: Observed, lags: Map<Signal, number>): () => void {
  const meter = metrics.getMeter('tocsin.collector');
  const gauge = (name: string, unit: string, description: string): ObservableGauge =>
    meter.createObservableGauge(`tocsin.collector.${name}`, { unit, description });
  const size = gauge('journal.size', 'By', 'Bytes of telemetry that are not in ClickHouse yet');
  const limit = gauge('journal.limit', 'By', 'The most that may be; beyond it requests are refused');
  const segments = gauge('journal.segments', '{segment}', 'Segments that are not in ClickHouse yet');
  const oldestS = gauge('journal.oldest_age', 's', 'Age of the oldest segment that is not in ClickHouse yet');
  const delayS = gauge('journal.delay', 's', 'How long acknowledgements are held back, because the journal is filling');
  const lagS = gauge('load.lag', 's', 'The longest of the last interval: from being accepted to being queryable');
  const producers = gauge('journal.producers', '{producer}', 'Producers of requests with a key that are remembered');
  const free = gauge('journal.disk.free', 'By', "Free on the journal's disk");
  const lowWater = gauge('journal.disk.low_water', 'By', 'With less free than this requests are refused');
  const kept = gauge('dead_letters.kept', '{request}', 'Requests in the dead-letter folder');
  const keptBytes = gauge('dead_letters.size', 'By', 'Bytes in the dead-letter folder');
  const keptLimit = gauge(
    'dead_letters.limit',
    'By',
    'The most that may be; beyond it segments are held in the journal',
  );
  const isFull = gauge(
    'dead_letters.full',
    '1',
    '1 while a segment is held because there is no room for its dead letter',
  );
  const tableParts = gauge('table.parts', '{part}', "Pieces that a table's data is in");
  const partitionParts = gauge('table.partition_parts', '{part}', 'The same, in the partition that has most');
  const torn = meter.createObservableCounter('tocsin.collector.journal.torn', {
    unit: 'By',
    description: 'Bytes of torn tails cut at the start',
  });
  const forgotten = meter.createObservableCounter('tocsin.collector.journal.producers.forgotten', {
    unit: '{producer}',
    description: 'Producers that had to leave for want of room: what they send again may be stored again',
  });
  const observed = [size, limit, segments, oldestS, delayS, free, lowWater, kept, keptBytes, keptLimit, isFull];
  const all = [...observed, lagS, tableParts, partitionParts, torn, producers, forgotten];
  const look: BatchObservableCallback = (result) => {
    const stats = journal.stats();
    const letters = deadLetters.stats();
    result.observe(size, stats.bytes);
    result.observe(limit, stats.maxBytes);
    result.observe(segments, stats.segments);
    result.observe(oldestS, stats.oldestAtMs === undefined ? 0 : Math.max(0, now() - stats.oldestAtMs) / 1_000);
    result.observe(delayS, stats.delayMs / 1_000);
    // Where nothing was loaded nothing is said: what is told again and again would seem to last.
    for (const [signal, lagMs] of lags) result.observe(lagS, lagMs / 1_000, { signal });
    lags.clear();
    if (stats.freeBytes !== undefined) result.observe(free, stats.freeBytes);
    result.observe(lowWater, stats.minFreeBytes);
    result.observe(torn, stats.tornBytes);
    result.observe(producers, stats.producers);
    result.observe(forgotten, stats.producersForgotten);
    result.observe(kept, letters.count);
    result.observe(keptBytes, letters.bytes);
    result.observe(keptLimit, letters.maxBytes);
    result.observe(isFull, letters.isFull ? 1 : 0);
    for (const { table, parts: count, mostInPartition } of parts()) {
      result.observe(tableParts, count, { table });
      result.observe(partitionParts, mostInPartition, { table });
    }
  };
  meter.addBatchObservableCallback(look, all);
  return () => meter.removeBatchObservableCallback(look, all);
}
