import './metrics.css';
import { useEffect, useState } from 'preact/hooks';
import type { MetricNamesRow } from '../../../../src/queries/metric-names.ts';
import { useApi } from '../../api/use-api.ts';
import { Asked, Empty } from '../../parts/notices.tsx';
import { Panel } from '../../parts/panel.tsx';
import { useTitle } from '../../shell/use-title.ts';
import { timeWindow } from '../../state/clock.ts';
import { query, setQuery, withKept } from '../../state/url.ts';
import { Metric } from './metric.tsx';

const TYPING_MS = 300;
/** So many of those found are listed below one that is shown. */
const OTHERS = 12;

/** Metrics: which there are, and what one of them measured. */
export function Page() {
  const metric = query.value.get('metric') ?? '';
  const q = query.value.get('q') ?? '';
  useTitle(metric === '' ? 'Metrics' : metric);
  const from = Math.floor(timeWindow.value.fromMs);
  const found = useApi('GET /api/v1/metrics', metric === '' || q !== '' ? { q: q || undefined, from } : undefined);
  return (
    <>
      <div class="page-head">
        <h1>{metric === '' ? 'Metrics' : <bdi>{metric}</bdi>}</h1>
      </div>
      <form class="search-bar" role="search" onSubmit={(event) => event.preventDefault()}>
        <NameField />
        {metric !== '' && <a href="/metrics">All metrics</a>}
      </form>
      {metric !== '' && q !== '' && found.value && (
        <Panel title="Found">
          <ul class="found">
            {found.value.slice(0, OTHERS).map(({ name }) => (
              <li key={name}>
                <a href={pathOf(name)}>
                  <bdi>{name}</bdi>
                </a>
              </li>
            ))}
            {found.value.length === 0 && <li class="soft">No metric has that in its name.</li>}
          </ul>
        </Panel>
      )}
      {metric === '' ? (
        <Asked loaded={found}>{(names) => <Names names={names} isSearched={q !== ''} />}</Asked>
      ) : (
        <Metric key={metric} metric={metric} />
      )}
    </>
  );
}

/** Where a metric is shown. */
function pathOf(metric: string): string {
  return withKept(`/metrics?${new URLSearchParams({ metric })}`, query.value);
}

function NameField() {
  const inUrl = query.value.get('q') ?? '';
  const [text, setText] = useState(inUrl);
  useEffect(() => setText(inUrl), [inUrl]);
  useEffect(() => {
    if (text === inUrl) return undefined;
    const timer = setTimeout(() => setQuery({ q: text }, { replace: true }), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <input
      type="search"
      data-search
      aria-label="Find a metric"
      placeholder="part of a name or description"
      maxLength={500}
      value={text}
      onInput={(event) => setText(event.currentTarget.value)}
    />
  );
}

function Names({ names, isSearched }: { readonly names: readonly MetricNamesRow[]; readonly isSearched: boolean }) {
  if (names.length === 0)
    return isSearched ? (
      <Empty title="Nothing found">No metric has that in its name or description.</Empty>
    ) : (
      <Empty title="No metrics in this time">
        Send them over OTLP, as <a href="/">Home</a> says, or choose a longer time.
      </Empty>
    );
  return (
    <Panel
      title="Metrics"
      aside={names.length >= 500 ? 'the first 500: search for others' : `${names.length}, by name`}
    >
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">Metric</th>
            <th scope="col">Kind</th>
            <th scope="col">Unit</th>
            <th scope="col">Services</th>
          </tr>
        </thead>
        <tbody>
          {names.map(({ name, kinds, unit, description, services }) => (
            <tr key={name}>
              <td>
                <a class="name" href={pathOf(name)}>
                  <bdi>{name}</bdi>
                </a>
                <div class="soft small">
                  <bdi>{description}</bdi>
                </div>
              </td>
              <td class="soft">{kinds.join(', ').replaceAll('_', ' ')}</td>
              <td class="soft">
                <bdi>{unit}</bdi>
              </td>
              <td class="soft">
                <bdi>{services.slice(0, 3).join(', ')}</bdi>
                {services.length > 3 && ' …'}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
