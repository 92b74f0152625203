import { loadCron } from '@tocsin/service/late-libraries';
import { type ClockChange, findClockChange } from './clock-change.ts';

/** A time of a schedule by which somebody else may keep it: `latestUnixMs` differs where the clock of the zone shows it twice. */
export interface ExpectedTime {
  readonly earliestUnixMs: number;
  readonly latestUnixMs: number;
}

/**
 * When a job is expected whose own schedule this is, after a time that is now or to come. Programs that run jobs differ in what
 * they do when the clock is set, so a time that is repeated may be kept in either pass, and one that is left out need not be.
 */
export function nextExpected(expression: string, timeZone: string, afterUnixMs: number): readonly ExpectedTime[] {
  const task = loadCron().createTask(expression, () => undefined, { timezone: timeZone });
  try {
    let times: ExpectedTime[] = [];
    for (let count = 4; count <= 4_096; count *= 8) {
      const listed = task.getNextRuns(count).map((date) => date.getTime());
      const repeated = findClockChange(timeZone, listed[0] ?? 0, ['repeated']);
      times = listed
        .map((time) => bothPasses(time, repeated))
        .filter(({ earliestUnixMs }) => earliestUnixMs > afterUnixMs);
      if (times.length >= 2) break;
    }
    return times;
  } finally {
    void task.destroy();
  }
}

/** node-cron lists one of the passes. */
function bothPasses(time: number, repeated: ClockChange | undefined): ExpectedTime {
  if (!repeated || time < repeated.startMs || time >= repeated.endMs)
    return { earliestUnixMs: time, latestUnixMs: time };
  const { endMs, shiftMs } = repeated;
  const earliestUnixMs = time < endMs - shiftMs ? time : time - shiftMs;
  return { earliestUnixMs, latestUnixMs: earliestUnixMs + shiftMs };
}
