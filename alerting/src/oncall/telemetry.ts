import { metrics } from '@opentelemetry/api';
import type { RepairReason } from './audit.ts';

/** What the gauges show; asked when they are collected. */
export interface OnCallGauges {
  openIncidents(): number;
  /** Those of which nobody can be told. */
  unreachedIncidents(): number;
  /** Milliseconds of the next four weeks in which nobody is on call, by schedule. */
  gaps(): ReadonlyMap<string, number>;
  /** Lines of the history that have yet to go to the collector. */
  waitingEvents(): number;
}

/** What on-call reports about itself. */
export interface OnCallTelemetry {
  countRepaired(reason: RepairReason, count: number): void;
  /** Counts an incident of which it turned out that nobody can be told. */
  countUnreached(): void;
  countHeartbeat(outcome: 'sent' | 'failed' | 'withheld'): void;
  countExported(outcome: 'stored' | 'failed' | 'dropped', count: number): void;
  /** Shows the gauges. @returns a function that ends it */
  observe(gauges: OnCallGauges): () => void;
}

/** Reports through the OpenTelemetry API; says nothing where no SDK runs. */
export function createOnCallTelemetry(): OnCallTelemetry {
  const meter = metrics.getMeter('tocsin.alerting');
  const repaired = meter.createCounter('tocsin.alerting.oncall.repaired', {
    unit: '{incident}',
    description: 'What the audit of incidents found wrong and put right.',
  });
  const heartbeats = meter.createCounter('tocsin.alerting.oncall.heartbeats', {
    unit: '{heartbeat}',
    description: 'Outward heartbeats: sent, failed on the way, or withheld because not all was well.',
  });
  const exported = meter.createCounter('tocsin.alerting.oncall.history', {
    unit: '{event}',
    description: 'Lines of the history of incidents: stored by the collector, in requests that failed, or dropped.',
  });
  const gap = meter.createObservableGauge('tocsin.alerting.oncall.gap', {
    unit: 's',
    description: 'How long nobody is on call in the next four weeks.',
  });
  const unreached = meter.createCounter('tocsin.alerting.oncall.nobody_told', {
    unit: '{incident}',
    description: 'How often no step of an escalation got through to anybody.',
  });
  const unreachedNow = meter.createObservableGauge('tocsin.alerting.oncall.unreached', {
    unit: '{incident}',
    description: 'Open incidents of which nobody can be told.',
  });
  const open = meter.createObservableGauge('tocsin.alerting.oncall.incidents', { unit: '{incident}' });
  const waiting = meter.createObservableGauge('tocsin.alerting.oncall.history.waiting', { unit: '{event}' });
  return {
    countRepaired: (reason, count) => repaired.add(count, { reason }),
    countUnreached: () => unreached.add(1),
    countHeartbeat: (outcome) => heartbeats.add(1, { outcome }),
    countExported: (outcome, count) => exported.add(count, { outcome }),
    observe({ openIncidents, unreachedIncidents, gaps, waitingEvents }) {
      const readGaps = (result: { observe(value: number, attributes: Record<string, string>): void }): void => {
        for (const [schedule, ms] of gaps()) result.observe(ms / 1_000, { schedule });
      };
      const readOpen = (result: { observe(value: number): void }): void => result.observe(openIncidents());
      const readUnreached = (result: { observe(value: number): void }): void => result.observe(unreachedIncidents());
      const readWaiting = (result: { observe(value: number): void }): void => result.observe(waitingEvents());
      gap.addCallback(readGaps);
      open.addCallback(readOpen);
      unreachedNow.addCallback(readUnreached);
      waiting.addCallback(readWaiting);
      return () => {
        gap.removeCallback(readGaps);
        open.removeCallback(readOpen);
        unreachedNow.removeCallback(readUnreached);
        waiting.removeCallback(readWaiting);
      };
    },
  };
}
