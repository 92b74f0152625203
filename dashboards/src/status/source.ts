import { setTimeout as wait } from 'node:timers/promises';
import { metrics } from '@opentelemetry/api';
import type { Logger } from '@tocsin/service/log';
import type { Part } from '../part.ts';
import type { StatusRow } from '../queries/status-rows.ts';
import type { Post } from './posts.ts';

/** What was read last. Times in Unix ms. */
export interface Snapshot {
  /** When it was tried last. */
  readonly atMs: number;
  readonly rows: readonly StatusRow[];
  /** When the rows were read; `undefined`: never. */
  readonly dataAtMs: number | undefined;
  readonly posts: readonly Post[];
  readonly postsAtMs: number | undefined;
}

/** Where a snapshot comes from. */
export interface SnapshotLoaders {
  rows(nowMs: number): Promise<Part<readonly StatusRow[]>>;
  posts(): Promise<Part<readonly Post[]>>;
}

/** What is known, for all readers together. */
export interface StatusSource {
  read(nowMs: number): Promise<Snapshot>;
  /** Reads anew what people write, for somebody has just written; ClickHouse is not asked. */
  reloadPosts(nowMs: number): Promise<void>;
  /** What is known is of another configuration: the next reader has it read anew. */
  forget(): void;
}

/** So long nobody asks again. */
export const FRESH_MS = 10_000;
/** A snapshot that is older than this is not shown while a newer one is on its way, */
const USABLE_MS = 30_000;
/** but for so long only; longer where there is nothing to show yet. */
const PATIENCE_MS = 3_000;
const FIRST_PATIENCE_MS = 10_000;

const refreshes = metrics.getMeter('tocsin.dashboards').createCounter('tocsin.dashboards.status.refreshes', {
  description: 'Times the status page read its data anew, by what was read and outcome.',
  unit: '{refresh}',
});

/**
 * One snapshot for all readers, read anew when somebody asks and the last try began ten seconds ago or longer: however many read, ClickHouse has one
 * statement in ten seconds, and none while nobody reads. Meanwhile readers get the last one. What cannot be read stays as it was.
 */
export function createStatusSource({ rows, posts }: SnapshotLoaders, log: Pick<Logger, 'error'>): StatusSource {
  let current: Snapshot | undefined;
  let running: Promise<void> | undefined;
  let startedMs = -Infinity;
  /** Nothing that was read before `forget` is shown while a newer one can be had. */
  let isForgotten = false;

  let known: Pick<Snapshot, 'posts' | 'postsAtMs'> = { posts: [], postsAtMs: undefined };
  let [turns, lastTurn] = [0, 0];
  /** Posts that were asked for earlier and come later are passed over. */
  const readPosts = async (nowMs: number): Promise<void> => {
    const turn = (turns += 1);
    const part = await posts();
    refreshes.add(1, { 'tocsin.source': 'alerting', 'tocsin.outcome': outcomeOf(part) });
    if (part.status !== 'ok' || turn < lastTurn) return;
    lastTurn = turn;
    known = { posts: part.value, postsAtMs: nowMs };
  };
  const load = async (nowMs: number): Promise<void> => {
    const before = current;
    const [part] = await Promise.all([rows(nowMs), readPosts(nowMs)]);
    refreshes.add(1, { 'tocsin.source': 'clickhouse', 'tocsin.outcome': outcomeOf(part) });
    current = {
      ...known,
      atMs: nowMs,
      rows: part.status === 'ok' ? part.value : (before?.rows ?? []),
      dataAtMs: part.status === 'ok' ? nowMs : before?.dataAtMs,
    };
  };
  const start = (nowMs: number): void => {
    startedMs = nowMs;
    isForgotten = false;
    running = load(nowMs)
      // Nobody may wait for it, so it is told here.
      .catch((error: unknown) => log.error({ err: error }, 'the status page could not be read anew'))
      .finally(() => (running = undefined));
  };
  const isWithin = (sinceMs: number | undefined, nowMs: number, limitMs: number): boolean =>
    // A clock that was set back makes everything old.
    sinceMs !== undefined && nowMs - sinceMs >= 0 && nowMs - sinceMs < limitMs;

  return {
    async read(nowMs) {
      const mustWait = isForgotten || !isWithin(current?.atMs, nowMs, USABLE_MS);
      const patienceMs = current ? PATIENCE_MS : FIRST_PATIENCE_MS;
      if (isForgotten && running) await patiently(running, patienceMs);
      if (!running && (isForgotten || !isWithin(startedMs, nowMs, FRESH_MS))) start(nowMs);
      if (running && mustWait) await patiently(running, patienceMs);
      return current ?? { atMs: nowMs, rows: [], dataAtMs: undefined, posts: [], postsAtMs: undefined };
    },
    async reloadPosts(nowMs) {
      await readPosts(nowMs);
      if (current) current = { ...current, ...known };
    },
    forget() {
      isForgotten = true;
    },
  };
}

function patiently(running: Promise<void>, limitMs: number): Promise<void> {
  return Promise.race([running, wait(limitMs, undefined, { ref: false })]);
}

function outcomeOf(part: Part<unknown>): string {
  return part.status === 'ok' ? 'ok' : part.reason;
}
