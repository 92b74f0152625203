import type { Severity } from '../../../../src/logs/contract-types.ts';
import type { ChartSeries } from '../../parts/time-chart.tsx';
import type { LogHistogram } from '../../../../src/logs/contract-types.ts';

/** The most severe first. */
export const SEVERITIES: readonly Severity[] = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'none'];

const COLOURS: Readonly<Record<Severity, NonNullable<ChartSeries['colour']>>> = {
  fatal: 7,
  error: 'down',
  warn: 5,
  info: 1,
  debug: 6,
  trace: 4,
  none: 8,
};

/** Whether a text is a severity. */
export function isSeverity(text: string): text is Severity {
  return (SEVERITIES as readonly string[]).includes(text);
}

/** The histogram as bars that stand on each other, the most severe at the foot, where it is seen however few there are. Pure. */
export function stackOf({ fromMs, toMs, stepMs, rows }: LogHistogram): {
  readonly timesMs: readonly number[];
  readonly series: readonly ChartSeries[];
} {
  const timesMs = Array.from({ length: Math.round((toMs - fromMs) / stepMs) }, (_, index) => fromMs + index * stepMs);
  const known = new Map(rows.map(({ at_ms, severity, records }) => [`${at_ms} ${severity}`, records]));
  let below = timesMs.map(() => 0);
  const series = SEVERITIES.filter((severity) => rows.some((row) => row.severity === severity)).map((severity) => {
    const shown = timesMs.map((atMs) => known.get(`${atMs} ${severity}`) ?? 0);
    below = shown.map((records, index) => records + (below[index] ?? 0));
    const name = severity === 'none' ? 'no severity' : severity;
    return { name, values: below, shown, colour: COLOURS[severity], isArea: 'solid' as const };
  });
  return { timesMs, series: series.toReversed() };
}
