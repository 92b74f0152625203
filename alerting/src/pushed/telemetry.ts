import { metrics } from '@opentelemetry/api';
import type { PushOutcome } from './intake.ts';

/** What the intake of pushed alerts reports about itself. */
export interface PushTelemetry {
  /** Counts one pushed alert. */
  pushed(outcome: PushOutcome): void;
  /** Counts a request of which nothing was stored. */
  refused(reason: 'busy'): void;
}

const SCOPE = 'tocsin.alerting';

/** Reports through the OpenTelemetry API. */
export function createPushTelemetry(): PushTelemetry {
  const meter = metrics.getMeter(SCOPE);
  const alerts = meter.createCounter('tocsin.alerting.pushed.alerts', {
    unit: '{alert}',
    description: 'Alerts that others pushed, by what became of them.',
  });
  const refusals = meter.createCounter('tocsin.alerting.pushed.refused', {
    unit: '{request}',
    description: 'Requests with pushed alerts of which nothing was stored.',
  });
  return {
    pushed: (outcome) => alerts.add(1, { outcome }),
    refused: (reason) => refusals.add(1, { reason }),
  };
}

/** Shows how many pushed alerts fire. @returns a function that ends it */
export function observePushedAlerts(countActive: () => number): () => void {
  const gauge = metrics.getMeter(SCOPE).createObservableGauge('tocsin.alerting.pushed.active', { unit: '{alert}' });
  const read = (result: { observe(value: number): void }): void => result.observe(countActive());
  gauge.addCallback(read);
  return () => gauge.removeCallback(read);
}
