import type { OnCallConfig } from '@tocsin/service/config';
import type { Logger } from '@tocsin/service/log';
import type { OnCallTelemetry } from '../telemetry.ts';

/** Calls a URL while all is well, so that silence is a signal. */
export interface Heartbeat {
  /** Uses these settings from now on; `undefined` ends it. */
  apply(settings: OnCallConfig['heartbeat']): void;
  /** Calls once, or does not because of trouble. @returns what came of it */
  beat(): Promise<'sent' | 'failed' | 'withheld'>;
  /** Ends a call that is under way. Idempotent. */
  stop(): Promise<void>;
}

/** What a heartbeat works with. */
export interface HeartbeatOptions {
  /** What is wrong, in sentences. */
  readonly findTrouble: () => readonly string[];
  readonly telemetry: Pick<OnCallTelemetry, 'countHeartbeat'>;
  readonly log: Logger;
}

const TIMEOUT_MS = 10_000;
/** The first call is that much later than the start: nothing has been looked at before. */
const FIRST_PAUSE_MS = 5_000;

/** Makes it; until `apply` it does nothing. The URL is a secret of its own: it is not in the log. */
export function createHeartbeat({ findTrouble, telemetry, log }: HeartbeatOptions): Heartbeat {
  const aborter = new AbortController();
  let settings: OnCallConfig['heartbeat'];
  let timer: NodeJS.Timeout | undefined;
  let beating: Promise<unknown> | undefined;
  let troubleShown = '';
  let loops = 0;

  const call = async (url: string): Promise<'sent' | 'failed'> => {
    const limit = AbortSignal.timeout(TIMEOUT_MS);
    try {
      const { request } = await import('undici');
      const response = await request(url, { signal: AbortSignal.any([limit, aborter.signal]) });
      await response.body.dump();
      if (response.statusCode < 300) return 'sent';
      log.warn({ status: response.statusCode }, 'the heartbeat was not taken: expected a status below 300');
      return 'failed';
    } catch (error) {
      if (aborter.signal.aborted) return 'failed';
      const reason = limit.aborted ? 'timeout' : 'network';
      log.warn(
        { reason, code: error instanceof Error && 'code' in error ? error.code : undefined },
        'the heartbeat did not get through',
      );
      return 'failed';
    }
  };
  const beat: Heartbeat['beat'] = async () => {
    const trouble = findTrouble();
    const text = trouble.join('; ');
    if (text !== troubleShown) {
      if (text === '') log.info('all is well again: the heartbeat goes on');
      else log.error({ trouble }, 'not all is well with alerting: the heartbeat is withheld');
      troubleShown = text;
    }
    const outcome = text !== '' || !settings ? 'withheld' : await call(settings.url);
    telemetry.countHeartbeat(outcome);
    return outcome;
  };
  /** Only the last loop that was begun goes on. */
  const loop = (own: number, pauseMs: number): void => {
    timer = setTimeout(() => {
      const begunAtMs = performance.now();
      beating = beat()
        .catch((error: unknown) => log.error({ err: error }, 'the heartbeat failed; it is tried again'))
        .finally(() => {
          const spentMs = performance.now() - begunAtMs;
          if (settings && own === loops && !aborter.signal.aborted)
            loop(own, Math.max(0, settings.intervalMs - spentMs));
        });
    }, pauseMs);
  };
  return {
    apply(next) {
      const isSame = next?.url === settings?.url && next?.intervalMs === settings?.intervalMs;
      settings = next;
      if (isSame) return;
      clearTimeout(timer);
      loops += 1;
      if (next && !aborter.signal.aborted) loop(loops, Math.min(FIRST_PAUSE_MS, next.intervalMs));
    },
    beat,
    async stop() {
      clearTimeout(timer);
      aborter.abort();
      await beating;
    },
  };
}
