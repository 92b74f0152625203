import type { SlackConfig } from '@tocsin/service/config';
import type { Logger } from '@tocsin/service/log';
import { createHttpSender } from '../../http/http-sender.ts';
import { jsonCall } from '../../http/http-channel.ts';

/** Tells Slack what becomes of a message, after its request was answered. */
export interface Responder {
  /** Never throws. Beyond the limit nothing is told; what was done is done. */
  respond(config: SlackConfig, url: string, body: object): void;
  /** Aborts what runs. Idempotent. */
  stop(): Promise<void>;
}

const MAX_RUNNING = 20;
const LIMIT_MS = 5_000;
const SLACK_HOST = /\.slack(?:-gov)?\.com$/;

/** Makes the responder. Only Slack is told, and where the configuration says that Slack is. */
export function createResponder(log: Logger): Responder {
  const running = new Set<Promise<void>>();
  const stopped = new AbortController();
  const send = async (config: SlackConfig, url: string, body: object): Promise<void> => {
    const sender = createHttpSender({ ...config.http, authorization: undefined, headers: {} });
    const signal = AbortSignal.any([stopped.signal, AbortSignal.timeout(LIMIT_MS)]);
    const outcome = await sender.send(jsonCall(url, body), signal);
    const isTaken = outcome.status === 'answered' && outcome.answer.statusCode === 200;
    // The address is a credential, and what it answered may repeat it.
    if (!isTaken) log.warn('a message in Slack could not be brought up to date after a button was pressed');
    await sender.close();
  };
  return {
    respond(config, url, body) {
      if (!isSlack(config, url) || running.size >= MAX_RUNNING || stopped.signal.aborted) {
        log.warn('a message in Slack was not brought up to date: too much at once, or the address is not of Slack');
        return;
      }
      const task = send(config, url, body).finally(() => running.delete(task));
      running.add(task);
    },
    async stop() {
      stopped.abort();
      await Promise.allSettled(running);
    },
  };
}

function isSlack({ appUrl, apiUrl }: SlackConfig, url: string): boolean {
  const target = URL.parse(url);
  if (!target) return false;
  if (target.protocol === 'https:' && SLACK_HOST.test(target.hostname)) return true;
  return [appUrl, apiUrl].some((known) => URL.parse(known)?.origin === target.origin);
}
