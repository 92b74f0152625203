import { useMemo } from 'preact/hooks';
import type { Rule, RuleValues } from '../../../../src/rules/rule-types.ts';
import { formatAgo, formatDurationMs } from '../../../../src/html/format.ts';
import { useApi } from '../../api/use-api.ts';
import { Labels, labelsInWords } from '../../parts/labels.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Asked, Empty } from '../../parts/notices.tsx';
import { Panel } from '../../parts/panel.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { TimeChart } from '../../parts/time-chart.tsx';
import { askedAtMs, timeWindow } from '../../state/clock.ts';
import type { PageProps } from '../../shell/pages-table.ts';
import { useTitle } from '../../shell/use-title.ts';
import { RuleBadge } from '../alerts/rules-view.tsx';

const WEEK_MS = 7 * 86_400_000;
const COLOURS = 8;

/** A rule: what its query says over time, against what it fires at. */
export function Page({ params: { group = '', name = '' } }: PageProps) {
  useTitle(name);
  const rules = useApi('GET /api/v1/rules', {});
  return (
    <Asked loaded={rules}>
      {(list) => {
        const rule = list.find((one) => one.group === group && one.name === name);
        return rule ? (
          <Whole rule={rule} />
        ) : (
          <Empty title="There is no such rule">
            <p>
              <a href="/alerts?view=rules">All rules</a>
            </p>
          </Empty>
        );
      }}
    </Asked>
  );
}

function Whole({ rule }: { readonly rule: Rule }) {
  return (
    <>
      <div class="page-head">
        <h1>
          <bdi>{rule.name}</bdi>
        </h1>
        <div>
          <RuleBadge rule={rule} />
        </div>
        <p class="soft">
          <bdi>{rule.group}</bdi>, every {formatDurationMs(rule.intervalMs)}
          {rule.forMs > 0 && `, fires after ${formatDurationMs(rule.forMs)}`}
          {rule.keepFiringForMs > 0 && `, goes on for ${formatDurationMs(rule.keepFiringForMs)}`}
          {rule.evaluatedAt !== undefined && (
            <>
              , evaluated <Moment atMs={rule.evaluatedAt} text={formatAgo(rule.evaluatedAt, askedAtMs.value)} />
            </>
          )}
        </p>
      </div>
      {rule.error !== undefined && (
        <p class="notice">
          Its last evaluation failed: <bdi>{rule.error}</bdi>
        </p>
      )}
      <Values rule={rule} />
      <Panel title="Alerts">
        {rule.alerts.length === 0 ? (
          <p class="soft">None now.</p>
        ) : (
          rule.alerts.map(({ state, labels, value, activeAt }) => (
            <div key={JSON.stringify(labels)}>
              <StateBadge tone={state === 'firing' ? 'down' : 'unknown'}>{state}</StateBadge>{' '}
              {value !== undefined && <span class="mono">{writeValue(value)}</span>}{' '}
              <span class="soft small">
                since <Moment atMs={activeAt} />
              </span>
              <Labels labels={labels} />
            </div>
          ))
        )}
      </Panel>
      <Panel title="Query">
        <pre>{rule.expression}</pre>
      </Panel>
    </>
  );
}

function Values({ rule: { group, name } }: { readonly rule: Rule }) {
  const { fromMs, toMs } = timeWindow.value;
  const isTooLong = toMs - fromMs > WEEK_MS;
  const loaded = useApi(
    'GET /api/v1/rules/:group/:name/values',
    isTooLong ? undefined : { group, name, from: fromMs, to: toMs },
  );
  return (
    <Panel
      title="What it says"
      aside={loaded.value?.isUnfiltered === true ? 'its query without the last filter' : 'its query'}
    >
      {isTooLong ? (
        <p class="soft">Choose a time of at most seven days.</p>
      ) : (
        <Asked loaded={loaded}>{(values) => <Drawn values={values} />}</Asked>
      )}
    </Panel>
  );
}

function Drawn({ values }: { readonly values: RuleValues }) {
  const shown = values.series.slice(0, COLOURS);
  const timesMs = useMemo(() => shown[0]?.points.map(({ at }) => at) ?? [], [values]);
  const series = useMemo(
    () =>
      shown.map(({ labels, points }) => ({
        name: labelsInWords(labels) || 'value',
        values: points.map(({ value }) => value ?? null),
      })),
    [values],
  );
  if (shown.length === 0) return <p class="soft">It has named nothing in this time.</p>;
  return (
    <>
      <TimeChart
        label="What the rule's query says"
        timesMs={timesMs}
        series={series}
        window={timeWindow.value}
        format={writeValue}
        threshold={values.threshold}
      />
      {(values.isCut || values.series.length > COLOURS) && (
        <p class="soft small">Those with the highest values are shown; there are more.</p>
      )}
    </>
  );
}

function writeValue(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString('en') : value.toPrecision(4);
}
