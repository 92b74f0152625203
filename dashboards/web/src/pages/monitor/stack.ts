import type { PhaseLine } from '../../../../src/monitor/contract-types.ts';
import type { ChartSeries } from '../../parts/time-chart.tsx';

/** Phases that stand on each other, the first at the foot; drawn from the top, for each hides what is beneath it. Pure. */
export function stackOfPhases(phases: readonly PhaseLine[]): ChartSeries[] {
  let below: readonly (number | null)[] = [];
  return phases
    .map(({ phase, valuesMs }, index): ChartSeries => {
      below = valuesMs.map((value, place) => (value === null ? null : value + (below[place] ?? 0)));
      return { name: phase, values: below, shown: valuesMs, colour: (index % 8) + 1, isArea: 'solid' };
    })
    .toReversed();
}
