import type { RuleGroup } from '@tocsin/service/config';
import type { SeriesExpression } from '../rules/chart/series.ts';

/** Reads the chart of each of a group's rules once, for an alert without labels. @returns what is wrong, in words */
export async function askCharts({ rules }: RuleGroup, nowMs: number, series: SeriesExpression): Promise<string[]> {
  const wrong: string[] = [];
  for (const { alert, chart } of rules) {
    if (!chart) continue;
    try {
      await series.read(chart.sql, {}, { fromMs: nowMs - 3_600_000, nowMs, stepMs: 120_000 });
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      wrong.push(`${alert}: chart: ${error.message}`);
    }
  }
  return wrong;
}
