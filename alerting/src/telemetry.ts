import { type Attributes, type Counter, metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { type ChannelAddress, type DeliveryResult, formatChannel } from './channels/channel.ts';
import type { ChartOutcome } from './channels/chart/chart-pictures.ts';
import type { PendingDelivery } from './outbox/outbox.ts';
import type { MuteReason } from './notify/stages/mute.ts';
import type { Settlement } from './outbox/settle.ts';

/** What the delivery worker reports about itself. */
export interface DeliveryTelemetry {
  /** Runs one attempt inside a span of its own. */
  measure(delivery: PendingDelivery, attempt: () => Promise<DeliveryResult>): Promise<DeliveryResult>;
  /** Counts what came of an attempt. */
  count(delivery: PendingDelivery, settlement: Settlement): void;
  /** Counts notifications that a newer one replaced. */
  countSuperseded(channel: ChannelAddress, count: number): void;
  /** Counts alerts that one look at a group left out because they are muted. */
  countMuted(reason: MuteReason, count: number): void;
  /** Counts notifications that a digest stands for. */
  countDigested(channel: ChannelAddress, count: number): void;
  /** Counts a notification that the fallback receiver is told instead of this channel. */
  countFallback(channel: ChannelAddress): void;
  /** Counts what became of a message's picture. */
  countChart(outcome: ChartOutcome): void;
  /** Counts notifications that were given up because too many wait: those that are told again, and ends, which are not. */
  countDropped(what: 'again' | 'end', count: number): void;
}

/** What the gauges show; asked when they are collected. */
export interface AlertingGauges {
  pendingNotifications(): number;
  firingAlerts(): number;
}

const SCOPE = 'tocsin.alerting';
const OUTCOMES = { delivered: 'delivered', failed: 'failed', pending: 'retryable' } as const;

/** Reports deliveries through the OpenTelemetry API; says nothing where no SDK runs. */
export function createDeliveryTelemetry(): DeliveryTelemetry {
  const tracer = trace.getTracer(SCOPE);
  const notifications = metrics.getMeter(SCOPE).createCounter('tocsin.alerting.notifications', {
    unit: '{attempt}',
    description: 'Attempts to deliver a notification, and notifications that a newer one replaced.',
  });
  const muted = metrics.getMeter(SCOPE).createCounter('tocsin.alerting.muted', {
    unit: '{alert}',
    description: 'Alerts that a look at their group left out: silenced, inhibited, or within a time interval.',
  });
  const counter = (name: string, description: string): Counter =>
    metrics.getMeter(SCOPE).createCounter(`tocsin.alerting.${name}`, { unit: '{notification}', description });
  const digested = counter('digested', 'Notifications that were told in a digest because there were too many.');
  const fallbacks = counter('fallbacks', 'Notifications that went to the fallback receiver as well.');
  const dropped = counter('outbox.dropped', 'Notifications that were given up because too many waited.');
  const charts = metrics.getMeter(SCOPE).createCounter('tocsin.alerting.charts', {
    unit: '{chart}',
    description: 'Pictures of messages, and those that messages went without.',
  });
  return {
    countChart: (outcome) => charts.add(1, { outcome }),
    countMuted: (reason, count) => muted.add(count, { reason }),
    measure({ channel, notification, attempts }, attempt) {
      const attributes: Attributes = {
        'tocsin.alerting.channel': formatChannel(channel),
        'tocsin.alerting.notification.id': notification.id,
        'tocsin.alerting.notification.cause': notification.reason,
        'tocsin.alerting.attempt': attempts + 1,
      };
      return tracer.startActiveSpan(
        `deliver ${channel.kind}`,
        { kind: SpanKind.PRODUCER, attributes },
        async (span) => {
          try {
            const result = await attempt();
            span.setAttribute('tocsin.alerting.outcome', result.status);
            if (result.status !== 'ok') {
              span.setAttribute('error.type', result.reason);
              span.setStatus({ code: SpanStatusCode.ERROR, message: result.detail });
            }
            return result;
          } finally {
            span.end();
          }
        },
      );
    },
    count({ channel }, { status, reason }) {
      notifications.add(1, { channel: formatChannel(channel), outcome: OUTCOMES[status], reason: reason ?? 'none' });
    },
    countSuperseded(channel, count) {
      notifications.add(count, { channel: formatChannel(channel), outcome: 'superseded', reason: 'none' });
    },
    countDigested: (channel, count) => digested.add(count, { channel: formatChannel(channel) }),
    countFallback: (channel) => fallbacks.add(1, { channel: formatChannel(channel) }),
    countDropped: (what, count) => void (count > 0 && dropped.add(count, { what })),
  };
}

/** Shows the gauges. @returns a function that ends it */
export function observeGauges(gauges: AlertingGauges): () => void {
  const meter = metrics.getMeter(SCOPE);
  const pending = meter.createObservableGauge('tocsin.alerting.outbox.pending', { unit: '{notification}' });
  const firing = meter.createObservableGauge('tocsin.alerting.alerts', { unit: '{alert}' });
  const readPending = (result: { observe(value: number): void }): void => result.observe(gauges.pendingNotifications());
  const readFiring = (result: { observe(value: number): void }): void => result.observe(gauges.firingAlerts());
  pending.addCallback(readPending);
  firing.addCallback(readFiring);
  return () => {
    pending.removeCallback(readPending);
    firing.removeCallback(readFiring);
  };
}
