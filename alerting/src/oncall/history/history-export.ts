import { randomUUID } from 'node:crypto';
import type { Logger } from '@tocsin/service/log';
import type { OnCallTelemetry } from '../telemetry.ts';
import type { HistoryStore } from './history-store.ts';
import type { LogPoster } from './post-logs.ts';

/** Sends the history of incidents to the collector, each event once. */
export interface HistoryExport {
  /** Sends what waits, batch after batch, until nothing does or one fails. @returns whether all went well */
  send(nowMs: number): Promise<boolean>;
  /** Starts to look every few seconds. */
  start(): void;
  /** Ends a request that is under way; its batch is sent again later, under the same key. Idempotent. */
  stop(): Promise<void>;
}

/** What the export works with. */
export interface HistoryExportOptions {
  readonly history: HistoryStore;
  readonly poster: () => Promise<LogPoster>;
  readonly telemetry: Pick<OnCallTelemetry, 'countExported'>;
  readonly log: Logger;
  readonly now: () => number;
}

const INTERVAL_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * Makes the export. A batch has its key and its bounds in the database before it goes out, so that after a kill the same batch goes out under the same key. Each
 * process has a producer of its own: a database that was restored from a copy would otherwise count on from an old number.
 */
export function createHistoryExport(options: HistoryExportOptions): HistoryExport {
  const { history, telemetry, log, now } = options;
  const producer = randomUUID();
  const aborter = new AbortController();
  let sequence = 1;
  let poster: Promise<LogPoster> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<boolean> | undefined;
  let isFailing = false;

  const sendAll = async (nowMs: number): Promise<boolean> => {
    const dropped = history.dropOld(nowMs);
    if (dropped > 0) {
      telemetry.countExported('dropped', dropped);
      log.error({ dropped }, 'events of incidents waited too long for the collector; they are not in the history');
    }
    for (;;) {
      const batch = history.take(producer, sequence);
      if (!batch) return true;
      const outcome = await (await (poster ??= options.poster())).post(batch, aborter.signal);
      if (aborter.signal.aborted) return false;
      const { length } = batch.events;
      if (outcome.status === 'retryable') {
        telemetry.countExported('failed', length);
        if (!isFailing)
          log.warn(
            { reason: outcome.reason, detail: outcome.message },
            'the collector does not take the history of incidents; it waits',
          );
        isFailing = true;
        return false;
      }
      if (batch.producer === producer) sequence += 1;
      history.settle();
      isFailing = false;
      const lost = outcome.status === 'failed' ? length : Math.min(length, outcome.rejected);
      telemetry.countExported('stored', length - lost);
      if (lost > 0) {
        telemetry.countExported('dropped', lost);
        log.error(
          { dropped: lost, detail: outcome.message },
          'the collector refused events of incidents; they are not in the history',
        );
      }
    }
  };
  const send: HistoryExport['send'] = (nowMs) =>
    (sending ??= sendAll(nowMs).finally(() => {
      sending = undefined;
    }));
  const loop = (pauseMs: number): void => {
    timer = setTimeout(() => {
      void send(now())
        .catch((error: unknown) => {
          log.error({ err: error }, 'the history of incidents could not be sent; it is tried again');
          return false;
        })
        .then((isWell) => {
          if (!aborter.signal.aborted) loop(isWell ? INTERVAL_MS : Math.min(LONGEST_PAUSE_MS, 2 * pauseMs));
        });
    }, pauseMs);
  };
  return {
    send,
    start: () => loop(INTERVAL_MS),
    async stop() {
      clearTimeout(timer);
      aborter.abort();
      await sending?.catch(() => false);
      await (await poster)?.close();
    },
  };
}
