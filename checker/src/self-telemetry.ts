import {
  type Attributes,
  type BatchObservableResult,
  type Meter,
  type ObservableResult,
  metrics,
} from '@opentelemetry/api';
import type { JsonFigures } from './expect/json-judge.ts';
import type { HeartbeatRefusal } from './kinds/heartbeat/heartbeat-server.ts';
import type { LookupFigures } from './net/lookup/system-lookup.ts';
import type { DropReason } from './results/otlp-lane.ts';
import type { Stream } from './results/otlp-exporter.ts';
import type { PostFailure } from './results/otlp-post.ts';
import { WAIT_REASONS, type WaitReason } from './schedule/run-slots.ts';
import type { SkipReason } from './schedule/scheduler.ts';
import type { Outcome } from './verdict.ts';

/** What the checker tells of itself. No spans: a probe's trace is the product, not self-telemetry. */
export interface CheckerMetrics {
  countRun(outcome: Outcome, latenessMs: number): void;
  countSkipped(count: number, reason: SkipReason): void;
  countWaiting(reason: WaitReason): void;
  countDropped(stream: Stream, count: number, reason: DropReason): void;
  countExportFailure(stream: Stream, reason: PostFailure): void;
  countHeartbeatRefused(reason: HeartbeatRefusal): void;
}

/** What is asked at each collection. */
export interface CheckerGauges {
  readonly runsActive: () => number;
  /** Runs that are due and wait for a place. */
  readonly runsWaiting: () => Readonly<Record<WaitReason, number>>;
  readonly waiting: (stream: Stream) => number;
  readonly bufferedBytes: () => number;
  /** Absent where names are not looked up by the system's means. */
  readonly lookups: () => LookupFigures | undefined;
  readonly json: () => JsonFigures;
  /** Milliseconds; `undefined` before the collector has answered. */
  readonly clockOffsetMs: () => number | undefined;
}

const STREAMS: readonly Stream[] = ['traces', 'metrics', 'monitors'];

/**
 * Makes the instruments; they do nothing where no SDK is set up. What a rule tells of one checker has its location as an attribute, for the
 * resource of self-telemetry has none.
 */
export function createCheckerMetrics(
  location: string,
): CheckerMetrics & { observe(gauges: CheckerGauges): () => void } {
  const here = { 'tocsin.location': location };
  const meter = metrics.getMeter('tocsin.checker');
  const runs = meter.createCounter('tocsin.checker.runs', { unit: '{run}' });
  const skipped = meter.createCounter('tocsin.checker.runs.skipped', { unit: '{run}' });
  const waited = meter.createCounter('tocsin.checker.runs.waited', { unit: '{run}' });
  const dropped = meter.createCounter('tocsin.checker.results.dropped', { unit: '{item}' });
  const failures = meter.createCounter('tocsin.checker.export.failures', { unit: '{request}' });
  const refused = meter.createCounter('tocsin.checker.heartbeats.refused', { unit: '{request}' });
  const lateness = meter.createHistogram('tocsin.checker.lateness', {
    unit: 's',
    advice: { explicitBucketBoundaries: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5, 30] },
  });
  const active = meter.createObservableGauge('tocsin.checker.runs.active', { unit: '{run}' });
  const runsWaiting = meter.createObservableGauge('tocsin.checker.runs.waiting', { unit: '{run}' });
  const waiting = meter.createObservableGauge('tocsin.checker.results.waiting', { unit: '{item}' });
  const buffered = meter.createObservableGauge('tocsin.checker.results.buffered', { unit: 'By' });
  const lookupsActive = meter.createObservableGauge('tocsin.checker.lookups.active', { unit: '{lookup}' });
  const lookupsWaiting = meter.createObservableGauge('tocsin.checker.lookups.waiting', { unit: '{lookup}' });
  const lookupsRefused = meter.createObservableCounter('tocsin.checker.lookups.refused', { unit: '{lookup}' });
  return {
    countRun(outcome, latenessMs) {
      runs.add(1, { 'tocsin.probe.outcome': outcome });
      lateness.record(latenessMs / 1_000, here);
    },
    countSkipped: (count, reason) => skipped.add(count, { reason }),
    countWaiting: (reason) => waited.add(1, { reason }),
    countDropped: (stream, count, reason) => dropped.add(count, { stream, reason }),
    countHeartbeatRefused: (reason) => refused.add(1, { reason }),
    countExportFailure: (stream, reason) => failures.add(1, { stream, reason }),
    observe({
      runsActive,
      runsWaiting: runsWaitingNow,
      waiting: waitingOf,
      bufferedBytes,
      lookups,
      json,
      clockOffsetMs,
    }) {
      const observeActive = (result: { observe(value: number): void }): void => result.observe(runsActive());
      const observeWaiting = (result: { observe(value: number, attributes: { stream: Stream }): void }): void => {
        for (const stream of STREAMS) result.observe(waitingOf(stream), { stream });
      };
      active.addCallback(observeActive);
      const observeRunsWaiting = (result: {
        observe(value: number, attributes: { reason: WaitReason }): void;
      }): void => {
        const now = runsWaitingNow();
        for (const reason of WAIT_REASONS) result.observe(now[reason], { reason });
      };
      runsWaiting.addCallback(observeRunsWaiting);
      const observeBuffered = (result: { observe(value: number): void }): void => result.observe(bufferedBytes());
      waiting.addCallback(observeWaiting);
      buffered.addCallback(observeBuffered);
      const observeLookups = (result: BatchObservableResult): void => {
        const figures = lookups();
        if (!figures) return;
        result.observe(lookupsActive, figures.active);
        result.observe(lookupsWaiting, figures.waiting);
        result.observe(lookupsRefused, figures.refused);
      };
      const observed = [lookupsActive, lookupsWaiting, lookupsRefused];
      meter.addBatchObservableCallback(observeLookups, observed);
      const endJson = observeJson(meter, json);
      const endClock = observeClock(meter, clockOffsetMs, here);
      return () => {
        endClock();
        active.removeCallback(observeActive);
        runsWaiting.removeCallback(observeRunsWaiting);
        waiting.removeCallback(observeWaiting);
        buffered.removeCallback(observeBuffered);
        meter.removeBatchObservableCallback(observeLookups, observed);
        endJson();
      };
    },
  };
}

function observeClock(meter: Meter, clockOffsetMs: CheckerGauges['clockOffsetMs'], here: Attributes): () => void {
  const gauge = meter.createObservableGauge('tocsin.checker.clock.offset', {
    unit: 's',
    description: "How far this clock is ahead of the collector's",
  });
  const observe = (result: ObservableResult): void => {
    const offsetMs = clockOffsetMs();
    if (offsetMs !== undefined) result.observe(offsetMs / 1_000, here);
  };
  gauge.addCallback(observe);
  return () => gauge.removeCallback(observe);
}

function observeJson(meter: Meter, json: CheckerGauges['json']): () => void {
  const active = meter.createObservableGauge('tocsin.checker.json.active', { unit: '{body}' });
  const waiting = meter.createObservableGauge('tocsin.checker.json.waiting', { unit: '{body}' });
  const refused = meter.createObservableCounter('tocsin.checker.json.refused', { unit: '{body}' });
  const exhausted = meter.createObservableCounter('tocsin.checker.json.exhausted', { unit: '{body}' });
  const observed = [active, waiting, refused, exhausted];
  const observe = (result: BatchObservableResult): void => {
    const figures = json();
    result.observe(active, figures.active);
    result.observe(waiting, figures.waiting);
    result.observe(refused, figures.refused);
    result.observe(exhausted, figures.exhausted);
  };
  meter.addBatchObservableCallback(observe, observed);
  return () => meter.removeBatchObservableCallback(observe, observed);
}
