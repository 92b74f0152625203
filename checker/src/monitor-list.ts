import type { Monitor } from '@tocsin/service/config';
import { kindOf } from './kinds/registry.ts';
import type { ListedMonitor } from './results/sink.ts';
import { longestGapMs } from './schedule/cron.ts';

/** What the list of monitors tells of one: its target without secrets and the seconds between its runs. */
export function listMonitor(monitor: Monitor): ListedMonitor {
  const { name, kind, schedule } = monitor;
  const intervalMs =
    schedule.type === 'interval' ? schedule.intervalMs : longestGapMs(schedule.expression, schedule.timeZone);
  return { name, kind, target: kindOf(monitor).describeTarget(monitor), intervalS: intervalMs / 1_000 };
}
