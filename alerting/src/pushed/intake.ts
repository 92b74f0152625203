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
/** One transaction takes so many alerts at most, of one request or of several, so that rules and notifications get their turn. */
const MAX_ALERTS_PER_COMMIT = 1_000;
/** The most alerts that an answer names; the rest is counted. */
const MAX_COMPLAINTS = 100;

const COUNT = 'SELECT count(*) AS n FROM alerts WHERE ends_at_ms > ?';

interface Waiting {
  readonly posted: readonly PostedAlert[];
  /** How many of them are on disk, or cannot be kept. */
  done: number;
  readonly complaints: string[];
  full: number;
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
    try {
      const room = { taken: undefined as number | undefined };
      const stored = database.transaction(() => {
        const nowMs = now();
        return batch.map((portion) => store(portion, options, nowMs, () => (room.taken ??= countActive(nowMs)), room));
      });
      for (const [at, { request, to }] of batch.entries()) {
        request.done = to;
        request.full += stored[at]?.full ?? 0;
        request.complaints.push(...(stored[at]?.complaints ?? []));
        if (to === request.posted.length) request.settle(resultOf(request));
      }
    } catch (error) {
      for (const { request } of batch) {
        request.done = request.posted.length;
        request.fail(error);
      }
    }
    waiting = waiting.filter(({ posted, done }, at) => at >= batch.length || done < posted.length);
    if (waiting.length > 0) setImmediate(commit);
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
      waiting.push({ posted, done: 0, complaints: [], full: 0, settle: resolve, fail: reject });
      return promise;
    },
  };
}

/** A part of a request that is stored in one go. */
interface Portion {
  readonly request: Waiting;
  /** The place of the first that is not stored yet, and of the one behind the last that is now. */
  readonly from: number;
  readonly to: number;
}

function takeBatch(waiting: readonly Waiting[]): readonly Portion[] {
  const batch: Portion[] = [];
  let room = MAX_ALERTS_PER_COMMIT;
  for (const request of waiting) {
    if (room <= 0) break;
    const from = request.done;
    const to = Math.min(request.posted.length, from + room);
    room -= Math.max(1, to - from);
    batch.push({ request, from, to });
  }
  return batch;
}

function resultOf({ complaints, full }: Waiting): PushResult {
  const more = complaints.length - MAX_COMPLAINTS;
  const shown = more > 0 ? [...complaints.slice(0, MAX_COMPLAINTS), `and ${more} more`] : complaints;
  return { status: 'done', complaints: shown, full };
}

function store(
  { request: { posted }, from, to }: Portion,
  { alerts, limits, telemetry }: PushIntakeOptions,
  nowMs: number,
  active: () => number,
  room: { taken: number | undefined },
): { readonly complaints: readonly string[]; readonly full: number } {
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
  for (const [at, entry] of posted.slice(from, to).entries()) {
    const index = from + at;
    const read = readPush(entry, nowMs, resolveTimeoutMs);
    const outcome = read.status === 'ok' ? put(read.alert) : 'invalid';
    if (read.status === 'invalid') complaints.push(`alerts[${index}]${nameOf(entry)}: ${read.detail}`);
    if (outcome === 'limit_reached') full += 1;
    telemetry.pushed(outcome);
  }
  return { complaints, full };
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
