import { collectorUrl, type TocsinConfig } from '@tocsin/service/config';
import type { Logger } from '@tocsin/service/log';
import type { RuleStatus } from '../rules/status.ts';
import { createOutbox } from '../outbox/outbox.ts';
import type { Database } from '../store/database.ts';
import { findTrouble, OVERDUE_MS } from './heartbeat/find-trouble.ts';
import { createHeartbeat } from './heartbeat/heartbeat.ts';
import { createHistoryExport } from './history/history-export.ts';
import { createHistoryStore } from './history/history-store.ts';
import { createLogPoster } from './history/post-logs.ts';
import type { OnCall } from './oncall.ts';

/** What on-call says to others than people: the history to the collector, and a heartbeat. */
export interface Outward {
  apply(config: TocsinConfig, nowMs: number): void;
  start(): void;
  /** Groups and steps were looked at without an error. */
  ticked(nowMs: number): void;
  stop(): Promise<void>;
}

/** What it works with. */
export interface OutwardOptions {
  readonly config: TocsinConfig;
  readonly database: Database;
  readonly oncall: Pick<OnCall, 'lastAudit' | 'telemetry'>;
  readonly rules: () => readonly RuleStatus[];
  readonly internalKey: string | undefined;
  readonly version: string;
  readonly log: Logger;
  readonly now: () => number;
}

/** Makes both; nothing goes out before `start`. The collector's address is the one of the start: a changed one takes a restart. */
export function createOutward(options: OutwardOptions): Outward {
  const { config, database, oncall, rules, internalKey, version, log, now } = options;
  const { telemetry } = oncall;
  const outbox = createOutbox(database);
  const vitals = { appliedAtMs: now(), tickedAtMs: undefined as number | undefined };
  const heartbeat = createHeartbeat({
    telemetry,
    log,
    findTrouble() {
      const nowMs = now();
      const overdueNotifications = outbox.countOverdue(nowMs - OVERDUE_MS);
      return findTrouble({ ...vitals, rules: rules(), audit: oncall.lastAudit(), overdueNotifications }, nowMs);
    },
  });
  const history = createHistoryExport({
    history: createHistoryStore(database),
    poster: () => createLogPoster(collectorUrl(config), { internalKey, version }),
    telemetry,
    log,
    now,
  });
  let current = config;
  let isStarted = false;
  return {
    apply(next, nowMs) {
      current = next;
      vitals.appliedAtMs = nowMs;
      if (isStarted) heartbeat.apply(next.oncall.heartbeat);
    },
    start() {
      isStarted = true;
      heartbeat.apply(current.oncall.heartbeat);
      history.start();
    },
    ticked: (nowMs) => void (vitals.tickedAtMs = nowMs),
    stop: async () => void (await Promise.all([heartbeat.stop(), history.stop()])),
  };
}
