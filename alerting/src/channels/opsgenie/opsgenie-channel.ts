import type { OpsgenieConfig, Receiver } from '@tocsin/service/config';
import type { Notification } from '../../notify/notification.ts';
import { fillOptional, fillText, messageScope } from '../../template/message-template.ts';
import type { Channel, ChannelContext, ConfiguredChannel, DeliveryResult } from '../channel.ts';
import { describeNotification, fitContent, shorten } from '../content.ts';
import { jsonCall, KEY_HEADER, loginSecrets } from '../http/http-channel.ts';
import { createHttpSender, type HttpCall } from '../http/http-sender.ts';
import { judgeStatus } from '../http/judge-answer.ts';
import { groupHash } from '../pagerduty/pagerduty-channel.ts';
import { renderPlain } from '../plain-text.ts';

/** The Opsgenie integrations of a receiver. */
export function opsgenieChannels({ opsgenieConfigs }: Receiver): ConfiguredChannel[] {
  return opsgenieConfigs.map((config) => ({
    sendResolved: config.sendResolved,
    secrets: [config.apiKey, ...loginSecrets(config.apiUrl), ...config.http.secrets],
    timeoutMs: config.timeoutMs,
    open: (context) => createOpsgenieChannel(config, context),
  }));
}

/** A channel that creates and closes alerts; requests are taken with 202. Source: Opsgenie, "Alert API". */
export function createOpsgenieChannel(config: OpsgenieConfig, context: ChannelContext): Channel {
  const sender = createHttpSender(config.http);
  return {
    async send(notification, signal) {
      let result: DeliveryResult = { status: 'ok' };
      for (const call of composeRequests(config, notification, context)) {
        const headers = { ...call.headers, authorization: `GenieKey ${config.apiKey}`, [KEY_HEADER]: notification.id };
        const outcome = await sender.send({ ...call, headers }, signal);
        result = outcome.status === 'answered' ? judgeStatus(outcome.answer, Date.now()) : outcome;
        if (result.status !== 'ok') return result;
      }
      return result;
    },
    close: () => sender.close(),
  };
}

/** Opsgenie's limits in characters. */
const MAX_MESSAGE = 130;
const MAX_DESCRIPTION = 15_000;
const MAX_NOTE = 25_000;
const MAX_TAGS = 20;
const MAX_ALERTS = 50;
const PRIORITIES: Readonly<Record<string, string>> = {
  page: 'P1',
  critical: 'P1',
  ticket: 'P3',
  warning: 'P3',
  info: 'P5',
};

/** What is asked of Opsgenie: one request, or three where an open alert is to follow. */
export function composeRequests(
  config: OpsgenieConfig,
  notification: Notification,
  context: ChannelContext,
): readonly HttpCall[] {
  const scope = messageScope(notification, context);
  const base = `${config.apiUrl.replace(/\/$/, '')}/v2/alerts`;
  const alias = groupHash(notification.groupKey);
  const source = fillText(config.source, context.consoleUrl, scope);
  const own = (action: string): string => `${base}/${alias}${action}?identifierType=alias`;
  if (notification.status === 'resolved')
    return [jsonCall(own('/close'), { source, ...optionalText('note', config.note, scope, MAX_NOTE) })];
  const content = describeNotification(notification, context, MAX_ALERTS);
  const message = shorten(fillText(config.message, content.title, scope), MAX_MESSAGE);
  const description = shorten(
    fillText(config.description, fitContent(content, MAX_DESCRIPTION, renderPlain), scope),
    MAX_DESCRIPTION,
  );
  const details = Object.entries(config.details).map(([name, text]): [string, string] => [
    name,
    fillText(text, '', scope),
  ]);
  const list = (text: string | undefined): string[] =>
    (fillOptional(text, scope) ?? '')
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  const priority =
    fillOptional(config.priority, scope) ?? PRIORITIES[notification.commonLabels['severity'] ?? ''] ?? 'P1';
  const create = jsonCall(base, {
    alias,
    message,
    description,
    source,
    details: { ...notification.commonLabels, ...Object.fromEntries(details) },
    responders: config.responders.map(({ id, name, username, type }) => ({
      ...optionalText('id', id, scope),
      ...optionalText('name', name, scope),
      ...optionalText('username', username, scope),
      type: type === 'teams' ? 'team' : type,
    })),
    tags: list(config.tags).slice(0, MAX_TAGS),
    actions: list(config.actions).slice(0, 10),
    ...optionalText('entity', config.entity, scope, 512),
    ...optionalText('note', config.note, scope, MAX_NOTE),
    priority: /^P[1-5]$/.test(priority) ? priority : 'P1',
  });
  if (!config.updateAlerts) return [create];
  return [
    create,
    { ...jsonCall(own('/message'), { message }), method: 'PUT' },
    { ...jsonCall(own('/description'), { description }), method: 'PUT' },
  ];
}

function optionalText(
  name: string,
  source: string | undefined,
  scope: Parameters<typeof fillOptional>[1],
  max = 512,
): object {
  const filled = fillOptional(source, scope);
  return filled === undefined ? {} : { [name]: shorten(filled, max) };
}
