import { randomUUID } from 'node:crypto';
import type { OnCallConfig } from '@tocsin/service/config';
import { type Override, type Schedule, type Shift, shiftsOf } from '@tocsin/service/on-call';
import type { Database } from '../store/database.ts';

/** An override with whose it is and who made it. */
export interface StoredOverride extends Override {
  readonly schedule: string;
  readonly createdBy: string;
  readonly createdAtMs: number;
}

/** What somebody wants to be on call for. Times are Unix milliseconds. */
export interface WantedOverride {
  readonly schedule: string;
  readonly user: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** Why it cannot be. `detail` is a sentence that says what was expected. */
export interface OverrideRefusal {
  readonly status: 'refused';
  readonly reason: 'unknown_schedule' | 'unknown_user' | 'bad_time' | 'no_shift' | 'limit_reached' | 'unknown_override';
  readonly detail: string;
}

/** The outcome of a change. */
export type OverrideOutcome<Result> = { readonly status: 'ok'; readonly result: Result } | OverrideRefusal;

/** Overrides and swaps: who is on call instead of whom. */
export interface Overrides {
  /** Takes the people and schedules of a new configuration. */
  apply(config: Pick<OnCallConfig, 'users' | 'schedules'>): void;
  /** Those of a schedule that touch `[fromMs, toMs)` and whose user is still there, the later made after the earlier. */
  of(schedule: string, fromMs: number, toMs: number): StoredOverride[];
  /** All that are not over, the later made after the earlier. */
  list(nowMs: number): StoredOverride[];
  create(wanted: WantedOverride, actor: string, nowMs: number): OverrideOutcome<StoredOverride>;
  delete(id: string): OverrideOutcome<StoredOverride>;
  /** The people of two shifts, each named by a moment in it, take each other's; of one that goes on what is left of it. */
  swap(
    wanted: { readonly schedule: string; readonly firstMs: number; readonly secondMs: number },
    actor: string,
    nowMs: number,
  ): OverrideOutcome<readonly StoredOverride[]>;
  /** Forgets those that have been over for 90 days. @returns how many */
  forgetOld(nowMs: number): number;
}

/** The longest override, and the most of a schedule that are not over. */
const LONGEST_MS = 366 * 86_400_000;
const MAX_OVERRIDES = 1_000;
const RETENTION_MS = 90 * 86_400_000;
const DAY_MS = 86_400_000;

const OF = 'SELECT * FROM oncall_overrides WHERE schedule = ? AND end_ms > ? AND start_ms < ? ORDER BY seq';
const LIST = 'SELECT * FROM oncall_overrides WHERE end_ms > ? ORDER BY seq';
const FIND = 'SELECT * FROM oncall_overrides WHERE id = ?';
const COUNT = 'SELECT count(*) AS count FROM oncall_overrides WHERE schedule = ? AND end_ms > ?';
const CREATE = `INSERT INTO oncall_overrides (id, schedule, user, start_ms, end_ms, created_by, created_at_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?)`;
const DELETE = 'DELETE FROM oncall_overrides WHERE id = ?';
const FORGET = 'DELETE FROM oncall_overrides WHERE end_ms <= ?';

/** Keeps the table `oncall_overrides`. */
export function createOverrides(database: Database, newId: () => string = randomUUID): Overrides {
  let users: ReadonlySet<string> = new Set();
  let schedules: ReadonlyMap<string, Schedule> = new Map();

  const insert = (wanted: WantedOverride, actor: string, nowMs: number): StoredOverride => {
    const { schedule, user, startMs, endMs } = wanted;
    const id = newId();
    database.prepare(CREATE).run(id, schedule, user, startMs, endMs, actor, nowMs);
    return { schedule, user, startMs, endMs, id, createdBy: actor, createdAtMs: nowMs };
  };
  const check = ({ schedule, user, startMs, endMs }: WantedOverride, nowMs: number): OverrideRefusal | undefined => {
    if (!schedules.has(schedule)) return unknownSchedule(schedule, schedules);
    if (!users.has(user))
      return refuse('unknown_user', `expected a user's name (${[...users].join(', ')}), found ${user}`);
    if (!Number.isSafeInteger(startMs) || !Number.isSafeInteger(endMs) || endMs <= startMs)
      return refuse('bad_time', 'expected an end after the start');
    if (endMs <= nowMs) return refuse('bad_time', 'expected an end in the future');
    if (endMs - startMs > LONGEST_MS) return refuse('bad_time', 'expected at most 366 days');
    const count = Number(database.prepare(COUNT).get(schedule, nowMs)?.['count'] ?? 0);
    return count < MAX_OVERRIDES
      ? undefined
      : refuse('limit_reached', `expected at most ${MAX_OVERRIDES} overrides of a schedule`);
  };
  const overrides: Overrides = {
    apply(config) {
      users = new Set(config.users.map(({ name }) => name));
      schedules = new Map(config.schedules.map((schedule) => [schedule.name, schedule]));
    },
    of: (schedule, fromMs, toMs) =>
      database
        .prepare(OF)
        .all(schedule, fromMs, toMs)
        .map(readOverride)
        .filter(({ user }) => users.has(user)),
    list: (nowMs) => database.prepare(LIST).all(nowMs).map(readOverride),
    create(wanted, actor, nowMs) {
      return check(wanted, nowMs) ?? { status: 'ok', result: insert(wanted, actor, nowMs) };
    },
    delete(id) {
      const row = database.prepare(FIND).get(id);
      if (!row) return refuse('unknown_override', `expected the id of an override, found ${id}`);
      database.prepare(DELETE).run(id);
      return { status: 'ok', result: readOverride(row) };
    },
    swap({ schedule: name, firstMs, secondMs }, actor, nowMs) {
      const schedule = schedules.get(name);
      if (!schedule) return unknownSchedule(name, schedules);
      const [first, second] = [firstMs, secondMs].map((atMs) => shiftAt(schedule, overrides, atMs));
      if (!first || !second) return refuse('no_shift', `expected moments at which somebody is on call for ${name}`);
      if (first.user === second.user)
        return refuse('no_shift', `expected shifts of two people, found ${first.user} in both`);
      const wanted = [
        { schedule: name, user: second.user, startMs: Math.max(first.startMs, nowMs), endMs: first.endMs },
        { schedule: name, user: first.user, startMs: Math.max(second.startMs, nowMs), endMs: second.endMs },
      ];
      const wrong = wanted.map((one) => check(one, nowMs)).find((refusal) => refusal !== undefined);
      if (wrong) return wrong;
      return { status: 'ok', result: database.transaction(() => wanted.map((one) => insert(one, actor, nowMs))) };
    },
    forgetOld: (nowMs) => Number(database.prepare(FORGET).run(nowMs - RETENTION_MS).changes),
  };
  return overrides;
}

/** How far a shift that goes on at a moment can reach to either side. */
export function reachOf({ layers }: Schedule): number {
  return (Math.max(...layers.map(({ everyDays }) => everyDays)) + 2) * DAY_MS;
}

/** The whole of the shift that goes on at a moment. */
function shiftAt(schedule: Schedule, overrides: Overrides, atMs: number): Shift | undefined {
  if (!Number.isSafeInteger(atMs)) return undefined;
  const touching = overrides.of(schedule.name, atMs, atMs + 1);
  const reachMs = reachOf(schedule);
  const fromMs = Math.min(atMs - reachMs, ...touching.map(({ startMs }) => startMs));
  const toMs = Math.max(atMs + reachMs, ...touching.map(({ endMs }) => endMs));
  return shiftsOf(schedule, overrides.of(schedule.name, fromMs, toMs), fromMs, toMs).find(
    ({ startMs, endMs }) => startMs <= atMs && atMs < endMs,
  );
}

function refuse(reason: OverrideRefusal['reason'], detail: string): OverrideRefusal {
  return { status: 'refused', reason, detail };
}

function unknownSchedule(name: string, known: ReadonlyMap<string, Schedule>): OverrideRefusal {
  const names = [...known.keys()].join(', ') || 'none is defined';
  return refuse('unknown_schedule', `expected a schedule's name (${names}), found ${name}`);
}

function readOverride(row: Readonly<Record<string, unknown>>): StoredOverride {
  return {
    id: String(row['id']),
    schedule: String(row['schedule']),
    user: String(row['user']),
    startMs: Number(row['start_ms']),
    endMs: Number(row['end_ms']),
    createdBy: String(row['created_by']),
    createdAtMs: Number(row['created_at_ms']),
  };
}
