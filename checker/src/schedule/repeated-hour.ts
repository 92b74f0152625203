import { loadCron } from '@tocsin/service/late-libraries';

/** Both passes of a time that the clock of a zone shows twice. Milliseconds since the Unix epoch, the end not part of it. */
export interface RepeatedTime {
  readonly startMs: number;
  readonly endMs: number;
}

/** The next time (or the one that goes on) that is repeated because the clock of a zone is set back; `undefined` where none will be. */
export function findRepeatedTime(timeZone: string, nowMs: number): RepeatedTime | undefined {
  // From a day back, for the change may just have been.
  let at = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(timeZone).subtract({ hours: 24 });
  // A zone changes twice a year at most; some times more at once has been seen in history only.
  for (let changes = 0; changes < 8; changes += 1) {
    const next = at.getTimeZoneTransition('next');
    if (!next) return undefined;
    const before = next.subtract({ nanoseconds: 1 });
    const backMs = (before.offsetNanoseconds - next.offsetNanoseconds) / 1e6;
    const endMs = next.epochMilliseconds + backMs;
    if (backMs > 0 && endMs > nowMs) return { startMs: next.epochMilliseconds - backMs, endMs };
    at = next;
  }
  return undefined;
}

/** Whether a schedule runs in every hour of the day, so that it means time that passes rather than a time on the clock. */
export function runsEveryHour(expression: string): boolean {
  return loadCron().parse(expression).hour.length === 24;
}

/** The first occurrence in the repeated time after `afterMs`. @param matches whether the schedule has one at a time */
export function nextInRepeatedTime(
  { startMs, endMs }: RepeatedTime,
  afterMs: number,
  expression: string,
  matches: (date: Date) => boolean,
): number | undefined {
  const { second } = loadCron().parse(expression);
  const stepMs = second.length === 1 && second[0] === 0 ? 60_000 : 1_000;
  const firstMs = Math.max(startMs, Math.floor(afterMs / stepMs) * stepMs + stepMs);
  for (let atMs = firstMs; atMs < endMs; atMs += stepMs) if (matches(new Date(atMs))) return atMs;
  return undefined;
}
