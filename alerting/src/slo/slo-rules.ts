import { formatDuration, type RuleGroup, type Slo } from '@tocsin/service/config';
import { BURN_PAIRS, type BurnPair } from './burn-windows.ts';
import { countsSql } from './counts.ts';
import { quoteText } from './sql-text.ts';

/** What generated groups have in the place of a file. */
export const SLO_FILE = '(slo)';
/** How often the pairs are looked at: often enough for the shortest window of each. */
const INTERVAL_MS = { page: 60_000, ticket: 300_000 } as const;

/** The rules of SLOs: of each one that pages and one that makes a ticket, in groups of their own. */
export function sloGroups(slos: readonly Slo[]): RuleGroup[] {
  return slos.flatMap((slo) => [groupOf(slo, 'page'), groupOf(slo, 'ticket')]);
}

function groupOf(slo: Slo, severity: 'page' | 'ticket'): RuleGroup {
  return {
    name: `slo ${slo.name} ${severity}`,
    file: SLO_FILE,
    intervalMs: INTERVAL_MS[severity],
    limit: 0,
    queryOffsetMs: 0,
    labels: {},
    rules: [
      {
        alert: 'ErrorBudgetBurn',
        sql: burnSql(slo, BURN_PAIRS[severity]),
        forMs: 0,
        keepFiringForMs: 0,
        noData: 'ok',
        labels: { ...slo.labels, severity },
        annotations: {
          summary: '{{ $labels.slo }}: the error budget burns {{ $annotations.burn }}',
          description:
            'It goes {{ $value | printf "%.1f" }} times faster than {{ $annotations.target }} over {{ $annotations.window }} allows.',
          ...slo.annotations,
        },
      },
    ],
  };
}

/**
 * One row while a pair burns: both of its windows, and there is data from before the long one. Its value is the burn rate over the long window of the
 * first such pair. Without traffic nothing burns.
 */
function burnSql(slo: Slo, pairs: readonly BurnPair[]): string {
  const windowsMs = [...new Set(pairs.flatMap(({ longMs, shortMs }) => [longMs, shortMs]))].sort((a, b) => a - b);
  const long = pairs.map(({ longMs }) => longMs);
  const burns = pairs.map(
    ({ factor, longMs, shortMs }) =>
      `covered_${longMs / 1_000} > 0 AND ${burn(slo, longMs)} >= ${factor} AND ${burn(slo, shortMs)} >= ${factor}`,
  );
  const choose = (what: (pair: BurnPair) => string, otherwise: string): string =>
    `multiIf(${pairs.map((pair, at) => `${burns[at] ?? '0'}, ${what(pair)}`).join(', ')}, ${otherwise})`;
  const text = ({ longMs, shortMs }: BurnPair): string =>
    `concat(toString(round(${burn(slo, longMs)}, 1)), 'x over ${formatDuration(longMs)} and ', toString(round(${burn(slo, shortMs)}, 1)), 'x over ${formatDuration(shortMs)}')`;
  return `SELECT ${quoteText(slo.name)} AS slo, ${choose(({ longMs }) => burn(slo, longMs), '0')} AS value,
  ${choose(text, "''")} AS annotation_burn, '${slo.target}%' AS annotation_target, '${formatDuration(slo.windowMs)}' AS annotation_window
FROM (
${countsSql(slo, windowsMs, long)}
)
WHERE ${burns.map((condition) => `(${condition})`).join(' OR ')}`;
}

/** How many times faster than allowed the budget goes. */
function burn(slo: Slo, windowMs: number): string {
  const [total, good] = [`total_${windowMs / 1_000}`, `good_${windowMs / 1_000}`];
  return `if(${total} = 0, 0, (${total} - ${good}) / ${total} / ${budgetOf(slo)})`;
}

/** The part that may be bad, from 0 to 1. */
export function budgetOf({ target }: Slo): number {
  return Number((1 - target / 100).toPrecision(12));
}
