import type { MetricSeries } from '../../../../src/metrics/contract-types.ts';
import type { ChartSeries } from '../../parts/time-chart.tsx';

/** Lines with names of their own: what they are grouped by, or what is drawn. Pure. */
export function linesOf({ lines, view }: Pick<MetricSeries, 'lines' | 'view'>, by: readonly string[]): ChartSeries[] {
  const taken = new Map<string, number>();
  return lines.map(({ labels, values }) => {
    const words = labels.map((label, index) => {
      const key = by[index];
      return key === undefined ? label : `${key}=${label === '' ? '(none)' : label}`;
    });
    const name = words.length === 0 ? view : words.join(', ');
    const times = (taken.get(name) ?? 0) + 1;
    taken.set(name, times);
    return { name: times === 1 ? name : `${name} (${times})`, values };
  });
}

/** Of a line's values that are there. Pure. */
export function statisticsOf(values: readonly (number | null)[]): {
  readonly last: number | undefined;
  readonly least: number | undefined;
  readonly mean: number | undefined;
  readonly most: number | undefined;
} {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return { last: undefined, least: undefined, mean: undefined, most: undefined };
  return {
    last: known.at(-1),
    least: Math.min(...known),
    mean: known.reduce((sum, value) => sum + value, 0) / known.length,
    most: Math.max(...known),
  };
}
