import type { Route } from '@tocsin/service/config';
import type { TimeIntervals } from '../../time-interval/time-interval.ts';

/**
 * The names of the time intervals that mute a route now: the mute intervals within which it is, or else all of its active intervals where it is
 * outside of every one. Source: Alertmanager's behaviour.
 */
export function mutingTimes(
  { muteTimeIntervals, activeTimeIntervals }: Route,
  intervals: TimeIntervals,
  nowMs: number,
): readonly string[] {
  const muting = intervals.within(muteTimeIntervals, nowMs);
  if (muting.length > 0) return muting;
  return intervals.within(activeTimeIntervals, nowMs).length > 0 ? [] : activeTimeIntervals;
}
