import { createClickHouse } from '@tocsin/service/clickhouse';
import type { TocsinConfig } from '@tocsin/service/config';
import type { Logger } from '@tocsin/service/log';
import { clusterOf } from './cluster/cluster.ts';
import { createDiskWatch } from './disk/disk-watch.ts';
import { KEPT_TABLES } from './retention-table.ts';
import { applyRetention } from './retention.ts';
import { createUpkeepTelemetry } from './upkeep-telemetry.ts';

/** What the upkeep is made of. */
export interface UpkeepOptions {
  readonly config: TocsinConfig;
  readonly log: Logger;
  readonly now?: () => number;
  /** How often the disk is looked at, in milliseconds; default 15 s. */
  readonly diskEveryMs?: number;
  /** How often retention is held against the configuration, in milliseconds; default ten minutes. */
  readonly retentionEveryMs?: number;
}

/** Keeps the tables as configured: retention, and room on the disk. In the background, apart from the loading. */
export interface Upkeep {
  start(): void;
  /** Takes the retention of a new configuration. */
  reload(config: TocsinConfig): void;
  /** Idempotent; waits for what is under way at most as long as a request may take. */
  stop(): Promise<void>;
}

const REQUEST_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 1_000;
/** While tables are missing (not migrated yet), or ClickHouse does not answer. */
const AGAIN_MS = 5_000;

/** Makes the upkeep. Nothing is sent before `start()`. */
export function createUpkeep({
  config: initial,
  log,
  now = Date.now,
  diskEveryMs = 15_000,
  retentionEveryMs = 600_000,
}: UpkeepOptions): Upkeep {
  const cluster = clusterOf(initial);
  const telemetry = createUpkeepTelemetry();
  const client = createClickHouse(initial, {
    application: 'collector',
    readonly: false,
    requestTimeoutMs: REQUEST_LIMIT_MS,
    maxConnections: 2,
  });
  const { disk } = initial.clickhouse;
  const lookAtDisk = createDiskWatch({
    client,
    cluster,
    log,
    marks: disk,
    dropsOldest: disk.dropOldest,
    now,
    onState: telemetry.disk,
    onDropped: telemetry.dropped,
  });
  let config = initial;

  /** @returns after how many milliseconds to look again */
  const lookAtRetention = async (): Promise<number> => {
    const report = await applyRetention(client, config.collector.retention, log, cluster);
    telemetry.retention(report);
    return report.length < KEPT_TABLES.length ? AGAIN_MS : retentionEveryMs;
  };
  const tasks = [
    createTask('retention', lookAtRetention, log),
    createTask('disk', async () => (await lookAtDisk(), diskEveryMs), log),
  ];
  let stopped: Promise<void> | undefined;
  const stopAll = async (): Promise<void> => {
    const ended = Promise.all(tasks.map((task) => task.stop()));
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, STOP_LIMIT_MS);
    await Promise.race([ended, promise]);
    clearTimeout(timer);
    telemetry.stop();
    await client.close();
  };
  return {
    start() {
      for (const task of tasks) task.run(0);
    },
    reload(next) {
      config = next;
      tasks[0]?.run(0);
    },
    stop: () => (stopped ??= stopAll()),
  };
}

interface Task {
  /** Runs it after a while; what was planned before is dropped. */
  run(afterMs: number): void;
  stop(): Promise<void>;
}

/** Does something again and again; a failure is said once until it works again, and tried anew soon. */
function createTask(name: string, work: () => Promise<number>, log: Logger): Task {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let isStopped = false;
  let hasFailed = false;
  const runOnce = async (): Promise<number> => {
    try {
      const afterMs = await work();
      hasFailed = false;
      return afterMs;
    } catch (error) {
      // Away, starting, a right that is missing: the loader says so too, and nothing is lost by waiting.
      const message = error instanceof Error ? error.message : String(error);
      if (!hasFailed && !isStopped) log.warn({ error: message }, `${name}: ClickHouse cannot be asked; tried again`);
      hasFailed = true;
      return AGAIN_MS;
    }
  };
  const runThenPlan = async (before: Promise<void> | undefined): Promise<void> => {
    await before;
    if (isStopped) return;
    const nextMs = await runOnce();
    // Somebody may have asked for an earlier run meanwhile.
    if (timer === undefined) run(nextMs);
  };
  const run = (afterMs: number): void => {
    clearTimeout(timer);
    if (isStopped) return;
    timer = setTimeout(() => {
      timer = undefined;
      running = runThenPlan(running);
    }, afterMs);
    timer.unref();
  };
  return {
    run,
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
