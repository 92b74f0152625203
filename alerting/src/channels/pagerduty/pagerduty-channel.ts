import { createHash } from 'node:crypto';
import type { PagerdutyConfig, Receiver } from '@tocsin/service/config';
import type { Notification } from '../../notify/notification.ts';
import { expandText, fillOptional, fillText, messageScope } from '../../template/message-template.ts';
import type { Channel, ChannelContext, ConfiguredChannel } from '../channel.ts';
import { describeNotification, shorten } from '../content.ts';
import { createHttpChannel, jsonCall, loginSecrets } from '../http/http-channel.ts';
import { demandJson } from '../http/judge-answer.ts';
import { renderPlain } from '../plain-text.ts';

/** The PagerDuty services of a receiver. */
export function pagerdutyChannels({ pagerdutyConfigs }: Receiver): ConfiguredChannel[] {
  return pagerdutyConfigs.map((config) => ({
    sendResolved: config.sendResolved,
    secrets: [config.routingKey, ...loginSecrets(config.url), ...config.http.secrets],
    timeoutMs: config.timeoutMs,
    open: (context) => createPagerdutyChannel(config, context),
  }));
}

/** A channel that sends events. Source: PagerDuty, "Events API v2", send an alert event: 202 with `"status": "success"`. */
export function createPagerdutyChannel(config: PagerdutyConfig, context: ChannelContext): Channel {
  return createHttpChannel({
    http: config.http,
    compose: (notification) => jsonCall(config.url, composeEvent(config, notification, context)),
    judge: (answer, nowMs) => demandJson(answer, nowMs, ({ status }) => status === 'success'),
  });
}

/** PagerDuty's limit on a summary, and ours on its details: an event has at most 512 KiB. */
const MAX_SUMMARY = 1_024;
const MAX_DETAIL = 20_000;
const MAX_ALERTS = 50;
const SEVERITIES: Readonly<Record<string, string>> = {
  page: 'critical',
  critical: 'critical',
  error: 'error',
  ticket: 'warning',
  warning: 'warning',
  info: 'info',
};

/** The key under which later events find the first: the same for a group as long as it is the same. */
export function groupHash(groupKey: string): string {
  return createHash('sha256').update(groupKey).digest('hex');
}

/** The event of a notification. */
export function composeEvent(config: PagerdutyConfig, notification: Notification, context: ChannelContext): object {
  const { groupKey, status, commonLabels, firing, firingCount, resolvedCount } = notification;
  const scope = messageScope(notification, context);
  const event = {
    routing_key: config.routingKey,
    dedup_key: groupHash(groupKey),
    event_action: status === 'firing' ? 'trigger' : 'resolve',
  };
  // What comes with a resolution is not shown.
  if (status === 'resolved') return event;
  const content = describeNotification(notification, context, MAX_ALERTS);
  const optional = (name: string, source: string | undefined): object => {
    const filled = fillOptional(source, scope);
    return filled === undefined ? {} : { [name]: shorten(filled, MAX_SUMMARY) };
  };
  const details = Object.entries(config.details).map(([name, source]): [string, string] => [
    name,
    filledDetail(source, scope),
  ]);
  const link = (href: string, text: string): object => ({ href, text });
  return {
    ...event,
    client: fillText(config.client, 'Tocsin', scope),
    client_url: fillText(config.clientUrl, context.consoleUrl, scope),
    payload: {
      summary: shorten(fillText(config.description, content.title, scope), MAX_SUMMARY),
      source: fillText(config.source, commonLabels['instance'] ?? commonLabels['service'] ?? 'Tocsin', scope),
      severity: severityOf(fillOptional(config.severity, scope) ?? commonLabels['severity'] ?? ''),
      timestamp: new Date(firing[0]?.startsAtMs ?? notification.createdAtMs).toISOString(),
      ...optional('component', config.component),
      ...optional('group', config.group),
      ...optional('class', config.class),
      custom_details: {
        firing: shorten(renderPlain(content), MAX_DETAIL),
        num_firing: String(firingCount),
        num_resolved: String(resolvedCount),
        ...commonLabels,
        ...Object.fromEntries(details),
      },
    },
    links: [
      ...config.links.map(({ href, text }) => link(fillText(href, '', scope), fillText(text, href, scope))),
      ...content.alerts.slice(0, 5).flatMap(({ links }) => links.map(({ name, value }) => link(value, name))),
      ...content.actions.map(({ name, value }) => link(value, name)),
    ],
    images: config.images.map(({ src, href, alt }) => ({
      src: fillText(src, '', scope),
      ...(href === undefined ? {} : { href: fillText(href, '', scope) }),
      ...(alt === undefined ? {} : { alt: fillText(alt, '', scope) }),
    })),
  };
}

function filledDetail(source: string, scope: Parameters<typeof expandText>[1]): string {
  const filled = expandText(source, scope);
  return shorten(typeof filled === 'string' ? filled : `(template: ${filled.error})`, MAX_DETAIL);
}

/** One of the four that PagerDuty takes; what it does not know is critical, so that it wakes somebody. */
function severityOf(severity: string): string {
  return SEVERITIES[severity.toLowerCase()] ?? 'critical';
}
