import type { Alert, LabelSet } from '../../src/alert.ts';
import type { ChartPictures, Point } from '../../src/channels/chart/chart.ts';
import { createChartPictures } from '../../src/channels/chart/chart-pictures.ts';
import { composeNotification, type Notification } from '../../src/notify/notification.ts';

/** The moment at which the samples' trouble began. */
export const SINCE_MS = Date.UTC(2026, 10, 20, 10, 3, 12);

export const CONSOLE_URL = 'http://console.example:7600';
export const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';

/** An alert as the shipped rules raise it. */
export function sampleAlert(labels: LabelSet = {}, annotations: LabelSet = {}, endsAtMs?: number): Alert {
  return {
    fingerprint: JSON.stringify(labels),
    labels: { alertname: 'HighErrorRate', service: 'shop', severity: 'page', ...labels },
    annotations: { summary: 'shop: 37% of requests fail', ...annotations },
    value: 0.371428571,
    startsAtMs: SINCE_MS,
    endsAtMs,
    updatedAtMs: SINCE_MS,
    generatorUrl: '',
  };
}

/** A notification about these alerts. */
export function sampleNotification(change: Partial<Notification> = {}): Notification {
  const { firing = [sampleAlert()], resolved = [], ...rest } = change;
  const parts = {
    id: 'key-1',
    threadId: 'key-1',
    receiver: 'team',
    groupKey: '{}:{alertname="HighErrorRate"}',
    groupLabels: { alertname: 'HighErrorRate' },
    reason: 'first_notification' as const,
    createdAtMs: SINCE_MS + 30_000,
  };
  return { ...composeNotification({ ...parts, ...rest, firing, resolved }), ...rest };
}

/** Pictures of these values, whatever the alert. */
export function picturesOf(points: readonly Point[]): ChartPictures {
  return createChartPictures({ history: { valuesOf: () => points }, now: () => SINCE_MS });
}

/** So many values a minute apart. */
export function risingPoints(count: number): Point[] {
  return Array.from({ length: count }, (_, at) => ({ timeMs: SINCE_MS + at * 60_000, value: at }));
}
