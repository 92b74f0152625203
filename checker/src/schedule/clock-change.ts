import { loadCron } from '@tocsin/service/late-libraries';

/**
 * A time that the clock of a zone shows twice (`repeated`: both passes of it), or what follows one that it leaves out (`skipped`: as long as
 * what is left out). Milliseconds since the Unix epoch, the end not part of it; `shiftMs` is by how much the clock is set.
 */
export interface ClockChange {
  readonly type: 'repeated' | 'skipped';
  readonly startMs: number;
  readonly endMs: number;
  readonly shiftMs: number;
}

const DAY_MS = 86_400_000;

/** The next change of a zone's clock (or the one that goes on); `undefined` where none will be. */
export function findClockChange(
  timeZone: string,
  nowMs: number,
  types: readonly ClockChange['type'][] = ['repeated', 'skipped'],
): ClockChange | undefined {
  // From a day back, for the change may just have been.
  let at = Temporal.Instant.fromEpochMilliseconds(Math.floor(nowMs) - DAY_MS).toZonedDateTimeISO(timeZone);
  // A zone changes twice a year at most; some times more at once has been seen in history only.
  for (let changes = 0; changes < 8; changes += 1) {
    const next = at.getTimeZoneTransition('next');
    if (!next) return undefined;
    const before = next.subtract({ nanoseconds: 1 });
    const aheadMs = (next.offsetNanoseconds - before.offsetNanoseconds) / 1e6;
    const type = aheadMs > 0 ? 'skipped' : 'repeated';
    const shiftMs = Math.abs(aheadMs);
    const endMs = next.epochMilliseconds + shiftMs;
    const startMs = next.epochMilliseconds - (type === 'repeated' ? shiftMs : 0);
    if (shiftMs > 0 && endMs > nowMs && types.includes(type)) return { type, startMs, endMs, shiftMs };
    at = next;
  }
  return undefined;
}

/** A cron schedule in a zone, for what node-cron does not know of changes of the clock. */
export interface ZonedSchedule {
  readonly expression: string;
  readonly timeZone: string;
  /** Whether the clock of the zone shows a time of the schedule. */
  readonly matches: (date: Date) => boolean;
  /** The same for a clock that shows UTC. */
  readonly matchesUtc: (date: Date) => boolean;
}

/** Whether a schedule runs in every hour of the day, so that it means time that passes rather than a time on the clock. */
export function runsEveryHour(expression: string): boolean {
  return loadCron().parse(expression).hour.length === 24;
}

/** The changes in which a schedule has runs that are not node-cron's. */
export function changesOf(expression: string): readonly ClockChange['type'][] {
  return runsEveryHour(expression) ? ['repeated'] : ['repeated', 'skipped'];
}

/**
 * The runs of a schedule in a change of the clock, after `afterMs`. Of what is repeated a schedule that runs every hour has both passes, one that
 * names its hours the first. What is left out comes later by as much as the clock is set ahead, unless the schedule has a run then anyway.
 */
export function* runsInChange(schedule: ZonedSchedule, change: ClockChange, afterMs: number): Generator<number> {
  const { expression, timeZone, matches, matchesUtc } = schedule;
  const { type, startMs, endMs, shiftMs } = change;
  const { second } = loadCron().parse(expression);
  const stepMs = second.length === 1 && second[0] === 0 ? 60_000 : 1_000;
  const firstMs = Math.max(startMs, Math.floor(afterMs / stepMs) * stepMs + stepMs);
  const lastMs = type === 'repeated' && !runsEveryHour(expression) ? endMs - shiftMs : endMs;
  const offsetMs = Temporal.Instant.fromEpochMilliseconds(startMs).toZonedDateTimeISO(timeZone).offsetNanoseconds / 1e6;
  for (let atMs = firstMs; atMs < lastMs; atMs += stepMs) {
    const isShown = matches(new Date(atMs));
    // What the clock would show had it not been set ahead.
    const isLeftOut = (): boolean => matchesUtc(new Date(atMs + offsetMs - shiftMs));
    if (type === 'repeated' ? isShown : !isShown && isLeftOut()) yield atMs;
  }
}
