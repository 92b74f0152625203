import { useMemo } from 'preact/hooks';
import type { MetricSeries, MetricView } from '../../../../src/metrics/contract-types.ts';
import { formatDurationMs } from '../../../../src/html/format.ts';
import { useApi } from '../../api/use-api.ts';
import { AttributeFilters, Chip } from '../../parts/attribute-filters.tsx';
import { Asked, Notice } from '../../parts/notices.tsx';
import { Panel } from '../../parts/panel.tsx';
import { TimeChart } from '../../parts/time-chart.tsx';
import { timeWindow } from '../../state/clock.ts';
import { query, setQuery } from '../../state/url.ts';
import { formatWithUnit } from '../../words/units.ts';
import { linesOf, statisticsOf } from './lines.ts';

const KINDS: Readonly<Record<MetricSeries['kind'], string>> = {
  gauge: 'gauge',
  sum: 'sum',
  histogram: 'histogram',
  exponential_histogram: 'exponential histogram',
  summary: 'summary',
};
const WORDS: Readonly<Record<MetricView, string>> = {
  avg: 'mean',
  min: 'smallest',
  max: 'largest',
  sum: 'sum',
  rate: 'rate per second',
  increase: 'increase',
  p50: 'p50',
  p75: 'p75',
  p90: 'p90',
  p95: 'p95',
  p99: 'p99',
  percentiles: 'p50, p95, p99',
};

/** A metric over the chosen time; what is drawn, grouped and filtered is in the URL. */
export function Metric({ metric }: { readonly metric: string }) {
  const { fromMs, toMs } = timeWindow.value;
  const by = query.value.getAll('by').slice(0, 5);
  const view = query.value.get('view');
  const loaded = useApi('GET /api/v1/metrics/series', {
    metric,
    from: Math.floor(fromMs),
    to: Math.ceil(toMs),
    ...(view !== null && view in WORDS && { view: view as MetricView }),
    by,
    where: query.value.getAll('where').slice(0, 20),
  });
  return (
    <>
      <div class="search-bar">
        {loaded.value && <Views series={loaded.value} />}
        <Grouping metric={metric} by={by} />
        <AttributeFilters signal="metrics" name={metric} />
      </div>
      <Asked loaded={loaded}>{(series) => <Drawn metric={metric} series={series} by={by} />}</Asked>
    </>
  );
}

function Views({ series: { view, views } }: { readonly series: MetricSeries }) {
  return (
    <select aria-label="What is drawn" value={view} onChange={(event) => setQuery({ view: event.currentTarget.value })}>
      {views.map((one) => (
        <option key={one} value={one}>
          {WORDS[one]}
        </option>
      ))}
    </select>
  );
}

function Grouping({ metric, by }: { readonly metric: string; readonly by: readonly string[] }) {
  const from = Math.floor(timeWindow.value.fromMs);
  const keys = useApi('GET /api/v1/known/keys', { signal: 'metrics', name: metric, from });
  const others = [...new Set(keys.value?.map(({ key }) => key))].filter((key) => !by.includes(key)).toSorted();
  return (
    <>
      {by.length > 0 && (
        <ul class="chips" aria-label="Grouped by">
          {by.map((key) => (
            <Chip key={key} text={`by ${key}`} onRemove={() => setQuery({ by: by.filter((one) => one !== key) })} />
          ))}
        </ul>
      )}
      {by.length < 5 && (
        <select
          aria-label="Group by"
          class="group-by"
          value=""
          onChange={(event) => {
            const { value } = event.currentTarget;
            if (value !== '') setQuery({ by: [...by, value] });
          }}
        >
          <option value="">{by.length === 0 ? 'Group by …' : 'and by …'}</option>
          {others.map((key) => (
            <option key={key} value={key}>
              {key.slice(0, 80)}
            </option>
          ))}
        </select>
      )}
    </>
  );
}

function Drawn({
  metric,
  series,
  by,
}: {
  readonly metric: string;
  readonly series: MetricSeries;
  readonly by: readonly string[];
}) {
  const { kind, unit, description, view, isMonotonic, isDelta, stepMs, timesMs, totalGroups } = series;
  const lines = useMemo(() => linesOf(series, by), [series]);
  const isCount = kind.endsWith('histogram') && (view === 'rate' || view === 'increase');
  const format = (value: number): string => formatWithUnit(value, isCount ? '' : unit, view === 'rate');
  const shown = view === 'percentiles' ? 1 : series.lines.length;
  const nature = [
    KINDS[kind],
    ...(kind === 'sum' ? [isMonotonic ? 'only rises' : 'rises and falls'] : []),
    ...(kind === 'gauge' ? [] : [isDelta ? 'delta' : 'cumulative']),
    ...(unit === '' ? [] : [`unit ${unit}`]),
  ].join(', ');
  return (
    <Panel title={WORDS[view]} aside={`in steps of ${formatDurationMs(stepMs)}`}>
      {description !== '' && (
        <p>
          <bdi>{description}</bdi>
        </p>
      )}
      <p class="soft small">
        <bdi>{nature}</bdi>
      </p>
      {totalGroups > shown && (
        <Notice>
          {shown} of {totalGroups} groups are drawn, the largest. A filter shows others.
        </Notice>
      )}
      {lines.length === 0 ? (
        <p class="soft">Nothing in this time is as asked.</p>
      ) : (
        <>
          <TimeChart
            label={`${metric}, ${WORDS[view]}`}
            timesMs={timesMs}
            series={lines}
            window={timeWindow.value}
            format={format}
            heightPx={280}
          />
          <Statistics lines={lines} format={format} />
        </>
      )}
    </Panel>
  );
}

function Statistics({
  lines,
  format,
}: {
  readonly lines: ReturnType<typeof linesOf>;
  readonly format: (value: number) => string;
}) {
  const cell = (value: number | undefined): string => (value === undefined ? '–' : format(value));
  return (
    <table class="cards statistics">
      <thead>
        <tr>
          <th scope="col">Line</th>
          {['Last', 'Least', 'Mean', 'Most'].map((head) => (
            <th key={head} scope="col" class="number">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {lines.map(({ name, values }, index) => {
          const { last, least, mean, most } = statisticsOf(values);
          return (
            <tr key={index}>
              <td class={`key s-${(index % 8) + 1}`}>
                <bdi>{name}</bdi>
              </td>
              <td class="number" data-label="Last">
                {cell(last)}
              </td>
              <td class="number" data-label="Least">
                {cell(least)}
              </td>
              <td class="number" data-label="Mean">
                {cell(mean)}
              </td>
              <td class="number" data-label="Most">
                {cell(most)}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
