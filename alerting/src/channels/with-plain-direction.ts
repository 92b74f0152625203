import type { Alert, LabelSet } from '../alert.ts';
import type { Notification } from '../notify/notification.ts';
import type { Channel, ChannelContext } from './channel.ts';
import { showDirections } from './directions.ts';

/**
 * A channel whose notifications hold no character that turns or hides text; labels and annotations are what targets say. What is made from a
 * notification by who gave the context (links, charts) is made from the one as it is stored: a silence matches labels as they are.
 */
export function withPlainDirection(open: (context: ChannelContext) => Channel, context: ChannelContext): Channel {
  const stored = new WeakMap<Notification, Notification>();
  const originalOf = (notification: Notification): Notification => stored.get(notification) ?? notification;
  const { links, charts, chartUrl } = context;
  const channel = open({
    ...context,
    ...(links ? { links: (notification) => links(originalOf(notification)) } : {}),
    ...(charts
      ? { charts: { pictureOf: (notification, size) => charts.pictureOf(originalOf(notification), size) } }
      : {}),
    ...(chartUrl ? { chartUrl: (notification) => chartUrl(originalOf(notification)) } : {}),
  });
  return {
    close: () => channel.close(),
    send(notification, signal) {
      const plain = plainNotification(notification);
      stored.set(plain, notification);
      return channel.send(plain, signal);
    },
  };
}

/** The notification as it is shown. Its key and its group's key name it and stay. */
export function plainNotification(notification: Notification): Notification {
  const { digest, escalation, fallback } = notification;
  return {
    ...notification,
    groupLabels: plainLabels(notification.groupLabels),
    commonLabels: plainLabels(notification.commonLabels),
    commonAnnotations: plainLabels(notification.commonAnnotations),
    firing: notification.firing.map(plainAlert),
    resolved: notification.resolved.map(plainAlert),
    ...(digest ? { digest: { ...digest, titles: digest.titles.map(showDirections) } } : {}),
    ...(escalation ? { escalation: { ...escalation, note: showDirections(escalation.note) } } : {}),
    ...(fallback ? { fallback: { ...fallback, channel: showDirections(fallback.channel) } } : {}),
  };
}

function plainAlert(alert: Alert): Alert {
  const { labels, annotations, generatorUrl } = alert;
  return {
    ...alert,
    labels: plainLabels(labels),
    annotations: plainLabels(annotations),
    generatorUrl: showDirections(generatorUrl),
  };
}

function plainLabels(labels: LabelSet): LabelSet {
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [showDirections(name), showDirections(value)]),
  );
}
