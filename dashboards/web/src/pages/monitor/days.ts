import { formatShare } from '../../../../src/html/format.ts';
import type { MonitorDay } from '../../../../src/monitor/contract-types.ts';
import type { Bar } from '../../parts/bars.tsx';

/** A day with more failed runs than this share of them was a bad one. */
const BAD_SHARE = 0.05;

/** A day as a bar. Pure. */
export function barOfDay({ dayMs, passed, failed, unknown, excluded, reason }: MonitorDay): Bar {
  const day = new Date(dayMs).toISOString().slice(0, 10);
  const runs = passed + failed;
  const more = [
    ...(unknown > 0 ? [`${unknown} unknown`] : []),
    ...(excluded > 0 ? [`${excluded} in maintenance, not counted`] : []),
  ];
  const rest = more.length > 0 ? `, ${more.join(', ')}` : '';
  if (runs === 0)
    return {
      tone: excluded > 0 ? 'off' : unknown > 0 ? 'unknown' : 'none',
      title: `${day}: ${more.join(', ') || 'no run'}`,
    };
  const why = failed > 0 && reason !== '' ? `, mostly ${reason}` : '';
  const title = `${day}: ${formatShare(passed / runs)} up, ${failed} of ${runs} runs failed${why}${rest}`;
  return { tone: failed === 0 ? 'up' : failed / runs <= BAD_SHARE ? 'degraded' : 'down', title };
}

/** The days that were not wholly up, newest first: what the bars say, for who cannot point at them. Pure. */
export function badDays(days: readonly MonitorDay[]): readonly MonitorDay[] {
  return days.filter(({ failed }) => failed > 0).toReversed();
}
