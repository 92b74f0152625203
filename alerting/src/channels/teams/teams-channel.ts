import type { Receiver, TeamsConfig } from '@tocsin/service/config';
import type { Notification } from '../../notify/notification.ts';
import type { Channel, ChannelContext, ConfiguredChannel, DeliveryResult } from '../channel.ts';
import type { ChartPicture } from '../chart/chart.ts';
import { createHttpChannel, type HttpChannelOptions, jsonCall, urlSecrets } from '../http/http-channel.ts';
import type { HttpAnswer } from '../http/http-sender.ts';
import { judgeStatus, patience, quote } from '../http/judge-answer.ts';
import { composeAdaptiveCard } from './adaptive-card.ts';
import { composeMessageCard } from './message-card.ts';

/** Webhooks of old (connectors), with MessageCards. */
export function msteamsChannels({ msteamsConfigs }: Receiver): ConfiguredChannel[] {
  return msteamsConfigs.map((config) =>
    configured(config, (context) => ({
      compose: async (notification) =>
        composeMessageCard(config, notification, context, await context.chartUrl?.(notification)),
    })),
  );
}

/** Webhooks of workflows, with Adaptive Cards. */
export function msteamsv2Channels({ msteamsv2Configs }: Receiver): ConfiguredChannel[] {
  return msteamsv2Configs.map((config) =>
    configured(config, (context) => ({
      charts: context.charts,
      chartSize: 'small',
      compose: (notification, picture) => composeAdaptiveCard(config, notification, context, picture),
    })),
  );
}

/** What is a kind's own. */
interface Manner extends Pick<HttpChannelOptions, 'charts' | 'chartSize'> {
  compose(notification: Notification, picture?: ChartPicture): object | Promise<object>;
}

function configured(config: TeamsConfig, mannerOf: (context: ChannelContext) => Manner): ConfiguredChannel {
  return {
    sendResolved: config.sendResolved,
    secrets: [...urlSecrets(config.webhookUrl), ...config.http.secrets],
    timeoutMs: config.timeoutMs,
    open: (context): Channel => {
      const manner = mannerOf(context);
      return createHttpChannel({
        ...manner,
        http: config.http,
        compose: async (notification, picture) =>
          jsonCall(config.webhookUrl, await manner.compose(notification, picture)),
        judge: readAnswer,
      });
    },
  };
}

/**
 * Connectors answer 200 with `1` and put errors of what stands behind them into a 200. Source: Microsoft, "Create incoming
 * webhooks", rate limiting: `Microsoft Teams endpoint returned HTTP error 429`.
 */
function readAnswer(answer: HttpAnswer, nowMs: number): DeliveryResult {
  const judged = judgeStatus(answer, nowMs);
  if (judged.status !== 'ok') return judged;
  const [, inner] = /endpoint returned HTTP error (\d{3})/i.exec(answer.text) ?? [];
  if (inner !== undefined) {
    const inside = judgeStatus({ ...answer, statusCode: Number(inner) }, nowMs);
    return inside.status === 'ok' ? inside : { ...inside, detail: quote(answer) };
  }
  if (/^\s*webhook message delivery failed/i.test(answer.text))
    return { status: 'retryable', reason: 'server_error', detail: quote(answer), ...patience(answer, nowMs) };
  return judged;
}
