import type { Alert } from '../alert.ts';
import type { AlertStore } from '../notify/alert-store.ts';
import type { Database } from '../store/database.ts';
import { mergePush } from './merge-push.ts';
import { type PostedAlert, readPush } from './read-push.ts';
import type { PushTelemetry } from './telemetry.ts';

/** What became of one pushed alert: the word is also the metric attribute. */
export type PushOutcome = 'stored' | 'invalid' | 'limit_reached' | 'owned_by_rule' | 'nothing_to_resolve';

/** What became of a request; it is answered only when what was stored is on disk. */
export type PushResult =
  /** `complaints`: a sentence for each alert that cannot be kept; the others are. `full`: how many found no room. */
  | { readonly status: 'done'; readonly complaints: readonly string[]; readonly full: number }
  /** Too many requests wait: nothing of this one was stored. */
  | { readonly status: 'busy' };

/** Takes alerts that others push. */
export interface PushIntake {
  push(posted: readonly PostedAlert[]): Promise<PushResult>;
  /** How many pushed alerts fire. */
  countActive(nowMs: number): number;
}

/** What the intake works with. */
export interface PushIntakeOptions {
  readonly database: Database;
  readonly alerts: Pick<AlertStore, 'putAlert'>;
  readonly telemetry: PushTelemetry;
  /** The settings in force. */
  readonly limits: () => { readonly resolveTimeoutMs: number; readonly maxPushedAlerts: number };
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Requests that wait for the next commit. */
const MAX_WAITING = 1_000;
/** One transaction takes requests up to so many alerts, so that rules and notifications get their turn. */
const MAX_ALERTS_PER_COMMIT = 2_000;

const COUNT = 'SELECT count(*) AS n FROM alerts WHERE ends_at_ms > ?';

interface Waiting {
  readonly posted: readonly PostedAlert[];
  readonly settle: (result: PushResult) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Makes the intake. What arrives while the event loop is busy is committed together: one write to the disk for all of it. An alert
 * that cannot be kept holds up none of the others. An alert that a rule of ours says fires belongs to the rule: a push of it changes nothing.
 */
export function createPushIntake(options: PushIntakeOptions): PushIntake {
  const { database, now } = options;
  let waiting: Waiting[] = [];
  const countActive = (nowMs: number): number => Number(database.prepare(COUNT).get(nowMs)?.['n'] ?? 0);

  const commit = (): void => {
    const batch = takeBatch(waiting);
    waiting = waiting.slice(batch.length);
    if (waiting.length > 0) setImmediate(commit);
    try {
      const room = { taken: undefined as number | undefined };
      const results = database.transaction(() => {
        const nowMs = now();
        return batch.map(({ posted }) =>
          store(posted, options, nowMs, () => (room.taken ??= countActive(nowMs)), room),
        );
      });
      batch.forEach(({ settle }, index) => settle(results[index] ?? { status: 'busy' }));
    } catch (error) {
      for (const { fail } of batch) fail(error);
    }
  };

  return {
    countActive,
    push(posted) {
      if (waiting.length >= MAX_WAITING) {
        options.telemetry.refused('busy');
        return Promise.resolve({ status: 'busy' });
      }
      const { promise, resolve, reject } = Promise.withResolvers<PushResult>();
      if (waiting.length === 0) setImmediate(commit);
      waiting.push({ posted, settle: resolve, fail: reject });
      return promise;
    },
  };
}

function takeBatch(waiting: readonly Waiting[]): readonly Waiting[] {
  let alerts = 0;
  const end = waiting.findIndex(({ posted }) => (alerts += posted.length) > MAX_ALERTS_PER_COMMIT);
  return end === -1 ? waiting : waiting.slice(0, Math.max(1, end));
}

function store(
  posted: readonly PostedAlert[],
  { alerts, limits, telemetry }: PushIntakeOptions,
  nowMs: number,
  active: () => number,
  room: { taken: number | undefined },
): PushResult {
  const { resolveTimeoutMs, maxPushedAlerts } = limits();
  const complaints: string[] = [];
  let full = 0;
  const put = (alert: Alert): PushOutcome => {
    let outcome: PushOutcome = 'stored';
    const put = alerts.putAlert(alert, nowMs, (known, said) => {
      const next = known ? mergeKnown(known, said, nowMs) : said;
      if (!next) outcome = 'owned_by_rule';
      const isNew = next && isActive(next, nowMs) && !(known && isActive(known, nowMs));
      if (isNew && active() >= maxPushedAlerts) outcome = 'limit_reached';
      return outcome === 'stored' ? next : undefined;
    });
    if (put === 'firing') room.taken = active() + 1;
    return put === 'unwanted' && outcome === 'stored' ? 'nothing_to_resolve' : outcome;
  };
  for (const [index, entry] of posted.entries()) {
    const read = readPush(entry, nowMs, resolveTimeoutMs);
    const outcome = read.status === 'ok' ? put(read.alert) : 'invalid';
    if (read.status === 'invalid') complaints.push(`alerts[${index}]${nameOf(entry)}: ${read.detail}`);
    if (outcome === 'limit_reached') full += 1;
    telemetry.pushed(outcome);
  }
  return { status: 'done', complaints, full };
}

/** A rule's alert has no end while it fires. */
function mergeKnown(known: Alert, said: Alert, nowMs: number): Alert | undefined {
  return known.endsAtMs === undefined ? undefined : mergePush(known, said, nowMs);
}

const isActive = ({ endsAtMs }: Alert, nowMs: number): boolean => endsAtMs !== undefined && endsAtMs > nowMs;

function nameOf({ labels }: PostedAlert): string {
  const name = labels['alertname'];
  return name ? ` (${name})` : '';
}
