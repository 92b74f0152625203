import type { Receiver, SlackConfig } from '@tocsin/service/config';
import type * as Undici from 'undici';
import type { Agent, Dispatcher } from 'undici';
import type { Notification } from '../../notify/notification.ts';
import type { Channel, ChannelContext, ConfiguredChannel, DeliveryResult } from '../channel.ts';
import { describeNotification } from '../content.ts';
import { MAX_SLACK_ALERTS, renderSlackMessage, type SlackMessage } from './slack-body.ts';
import { readSlackAnswer } from './slack-answer.ts';

/** The Slack webhooks of a receiver. */
export function slackChannels({ slackConfigs }: Receiver): ConfiguredChannel[] {
  return slackConfigs.map((config) => ({
    sendResolved: config.sendResolved,
    secrets: webhookSecrets(config.apiUrl),
    open: (context) => createSlackChannel(config, context),
  }));
}

/** An incoming webhook's whole URL is its credential, and so is each long part of its path. */
function webhookSecrets(apiUrl: string): string[] {
  const url = new URL(apiUrl);
  const parts = url.pathname.split('/').filter((part) => part.length >= 8);
  return [apiUrl, url.href, url.pathname + url.search, url.search, url.username, url.password, ...parts].filter(
    (secret) => secret.length > 1,
  );
}

/** The most bytes of an answer that are read. */
const MAX_ANSWER_BYTES = 4_096;

/** A channel that posts to an incoming webhook of Slack (or of a system that speaks the same). */
export function createSlackChannel(config: SlackConfig, { consoleUrl }: ChannelContext): Channel {
  let agent: Agent | undefined;
  return {
    async send(notification, signal) {
      // With the first message: most alerting processes send none for days, and the library takes 10 MiB.
      const { Agent, request } = await import('undici');
      agent ??= new Agent({ connections: 4, pipelining: 1, keepAliveTimeout: 4_000 });
      return post({ request, agent }, config, consoleUrl, notification, signal);
    },
    close: async () => {
      if (agent && !agent.closed) await agent.close();
    },
  };
}

async function post(
  { request, agent }: { readonly request: typeof Undici.request; readonly agent: Agent },
  { apiUrl, channel, username }: SlackConfig,
  consoleUrl: string,
  notification: Notification,
  signal: AbortSignal,
): Promise<DeliveryResult> {
  const message: SlackMessage = {
    ...(channel === undefined ? {} : { channel }),
    ...(username === undefined ? {} : { username }),
    ...renderSlackMessage(describeNotification(notification, consoleUrl, MAX_SLACK_ALERTS)),
  };
  try {
    const answer = await request(apiUrl, {
      method: 'POST',
      dispatcher: agent,
      signal,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'user-agent': 'Tocsin',
        'x-tocsin-notification': notification.id,
      },
      body: JSON.stringify(message),
    });
    const retryAfter = answer.headers['retry-after'];
    const text = await readStart(answer.body);
    return readSlackAnswer({ statusCode: answer.statusCode, retryAfter: [retryAfter].flat()[0], text }, Date.now());
  } catch (error) {
    return { status: 'retryable', reason: 'connection_failed', detail: `The request failed: ${errorCode(error)}.` };
  }
}

/** Only the code: an error's message could repeat the URL. */
function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  const code: unknown = 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : error.name;
}

async function readStart(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size >= MAX_ANSWER_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES).toString('utf8');
}
