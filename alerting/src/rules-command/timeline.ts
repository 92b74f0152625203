import type { RuleGroup } from '@tocsin/service/config';
import { createSchedule, slotAt } from '../rules/schedule.ts';

/** One evaluation of a group. */
export interface Moment {
  readonly timeMs: number;
  /** Its place in the list of groups. */
  readonly group: number;
}

/**
 * The evaluations of all groups as alerting would make them, from `fromMs` to `toMs` (both counted in), in the order of time.
 * @param stepMs of a group, in the place of its interval; `alignMs` counts its times from there instead of from its own phase
 */
export function* timelineOf(
  groups: readonly RuleGroup[],
  fromMs: number,
  toMs: number,
  { stepMs, alignMs }: { readonly stepMs?: number | undefined; readonly alignMs?: number | undefined } = {},
): Generator<Moment> {
  const next = groups.map((group) => firstOf(group, fromMs, stepMs ?? group.intervalMs, alignMs));
  for (;;) {
    let soonest = 0;
    for (let at = 1; at < next.length; at += 1) if ((next[at] ?? Infinity) < (next[soonest] ?? Infinity)) soonest = at;
    const timeMs = next[soonest];
    const group = groups[soonest];
    if (timeMs === undefined || !group || timeMs > toMs) return;
    yield { timeMs, group: soonest };
    next[soonest] = timeMs + (stepMs ?? group.intervalMs);
  }
}

/** How many evaluations that are. */
export function countMoments(
  groups: readonly RuleGroup[],
  fromMs: number,
  toMs: number,
  stepMs: number | undefined,
): number {
  const counts = groups.map((group) => {
    const step = stepMs ?? group.intervalMs;
    const first = firstOf(group, fromMs, step, undefined);
    return first > toMs ? 0 : Math.floor((toMs - first) / step) + 1;
  });
  return counts.reduce((sum, count) => sum + count, 0);
}

function firstOf({ name, file }: RuleGroup, fromMs: number, stepMs: number, alignMs: number | undefined): number {
  if (alignMs !== undefined) return alignMs;
  const schedule = createSchedule(JSON.stringify([name, file]), stepMs);
  const slotMs = slotAt(schedule, fromMs);
  return slotMs < fromMs ? slotMs + stepMs : slotMs;
}
