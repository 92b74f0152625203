import { metrics, SpanStatusCode, trace, type Span } from '@opentelemetry/api';

/** What the engine tells about itself: `tocsin.alerting.rule.*` and a span per group evaluation. */
export interface RuleTelemetry {
  evaluated(group: string, outcome: 'ok' | 'failed', reason: string, durationMs: number): void;
  missed(group: string, count: number): void;
  inSpan(group: string, timestampMs: number, work: (span: Span) => Promise<void>): Promise<void>;
}

export function createRuleTelemetry(): RuleTelemetry {
  const meter = metrics.getMeter('tocsin.alerting');
  const tracer = trace.getTracer('tocsin.alerting');
  const evaluations = meter.createCounter('tocsin.alerting.rule.evaluations', {
    unit: '{evaluation}',
    description: 'Evaluations of rules by outcome and reason.',
  });
  const duration = meter.createHistogram('tocsin.alerting.rule.evaluation.duration', {
    unit: 's',
    description: 'How long the query of one rule took.',
  });
  const missed = meter.createCounter('tocsin.alerting.rule_group.missed_iterations', {
    unit: '{iteration}',
    description: 'Scheduled evaluations of a group that were skipped because the one before took too long.',
  });
  return {
    evaluated(group, outcome, reason, durationMs) {
      const about = { 'tocsin.rule.group': group };
      evaluations.add(1, { ...about, outcome, reason });
      duration.record(durationMs / 1_000, { ...about, outcome });
    },
    missed: (group, count) => missed.add(count, { 'tocsin.rule.group': group }),
    inSpan(group, timestampMs, work) {
      const attributes = { 'tocsin.rule.group': group, 'tocsin.rule.timestamp': new Date(timestampMs).toISOString() };
      return tracer.startActiveSpan(`evaluate ${group}`, { attributes }, async (span) => {
        try {
          await work(span);
        } catch (error) {
          span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) });
          throw error;
        } finally {
          span.end();
        }
      });
    },
  };
}
