import { formatShare } from '../../../../src/html/format.ts';
import type { DayView } from '../../../../src/home/contract-types.ts';
import type { Bar } from '../../parts/bars.tsx';

/** A day with more failed runs than this share of them was a bad one. */
const BAD_SHARE = 0.05;

/** A day as a bar: what its runs found. */
export function barOfDay({ dayMs, passed, failed }: DayView): Bar {
  const day = new Date(dayMs).toISOString().slice(0, 10);
  const runs = passed + failed;
  if (runs === 0) return { tone: 'none', title: `${day}: no run` };
  const title = `${day}: ${formatShare(passed / runs)} up, ${failed} of ${runs} runs failed`;
  return { tone: failed === 0 ? 'up' : failed / runs <= BAD_SHARE ? 'degraded' : 'down', title };
}

/** Share of the runs that found it up; `undefined` where there was none. */
export function shareOfDays(days: readonly DayView[]): number | undefined {
  const passed = days.reduce((sum, day) => sum + day.passed, 0);
  const failed = days.reduce((sum, day) => sum + day.failed, 0);
  return passed + failed > 0 ? passed / (passed + failed) : undefined;
}
