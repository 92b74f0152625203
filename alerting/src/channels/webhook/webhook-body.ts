import type { Alert, LabelSet } from '../../alert.ts';
import type { Notification } from '../../notify/notification.ts';

/** Alertmanager's body of a webhook. Source: Alertmanager documentation, "Configuration", `<webhook_config>`, version 4. */
export interface WebhookBody {
  readonly receiver: string;
  readonly status: 'firing' | 'resolved';
  readonly alerts: readonly WebhookAlert[];
  readonly groupLabels: LabelSet;
  readonly commonLabels: LabelSet;
  readonly commonAnnotations: LabelSet;
  readonly externalURL: string;
  readonly version: '4';
  readonly groupKey: string;
  readonly truncatedAlerts: number;
}

interface WebhookAlert {
  readonly status: 'firing' | 'resolved';
  readonly labels: LabelSet;
  readonly annotations: LabelSet;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
  readonly fingerprint: string;
}

/** Go's zero time: what an alert that fires has for its end. */
const NO_TIME = '0001-01-01T00:00:00Z';

/** The body. @param maxAlerts how many alerts it lists; 0 for all that the notification carries */
export function composeWebhookBody(notification: Notification, externalUrl: string, maxAlerts: number): WebhookBody {
  const { firing, resolved, firingCount, resolvedCount } = notification;
  const all = [
    ...firing.map((alert) => describeAlert(alert, 'firing')),
    ...resolved.map((alert) => describeAlert(alert, 'resolved')),
  ];
  const alerts = maxAlerts === 0 ? all : all.slice(0, maxAlerts);
  return {
    receiver: notification.receiver,
    status: notification.status,
    alerts,
    groupLabels: notification.groupLabels,
    commonLabels: notification.commonLabels,
    commonAnnotations: notification.commonAnnotations,
    externalURL: externalUrl,
    version: '4',
    groupKey: notification.groupKey,
    truncatedAlerts: firingCount + resolvedCount - alerts.length,
  };
}

function describeAlert(alert: Alert, status: WebhookAlert['status']): WebhookAlert {
  const { labels, annotations, startsAtMs, endsAtMs, generatorUrl, fingerprint } = alert;
  return {
    status,
    labels,
    annotations,
    startsAt: new Date(startsAtMs).toISOString(),
    endsAt: status === 'resolved' && endsAtMs !== undefined ? new Date(endsAtMs).toISOString() : NO_TIME,
    generatorURL: generatorUrl,
    fingerprint,
  };
}
