import './traces.css';
import { formatCount, formatDurationMs } from '../../../../src/html/format.ts';
import type { TraceHit, TraceSearch } from '../../../../src/traces/contract-types.ts';
import { useApi } from '../../api/use-api.ts';
import { Moment } from '../../parts/moment.tsx';
import { Asked, Empty, Notice } from '../../parts/notices.tsx';
import { Panel } from '../../parts/panel.tsx';
import { useTitle } from '../../shell/use-title.ts';
import { timeWindow } from '../../state/clock.ts';
import { query, setQuery } from '../../state/url.ts';
import { HeatPicture } from './heat-picture.tsx';
import { SearchForm } from './search-form.tsx';
import { readSearch } from './search-query.ts';

/** The search for traces. */
export function Page() {
  useTitle('Traces');
  const { fromMs, toMs } = timeWindow.value;
  const search = readSearch(query.value);
  const loaded = useApi('GET /api/v1/traces', { from: Math.floor(fromMs), to: Math.ceil(toMs), ...search });
  return (
    <>
      <div class="page-head">
        <h1>Traces</h1>
      </div>
      <SearchForm />
      <Asked loaded={loaded}>{(found) => <Found found={found} isSlowest={search.sort === 'slowest'} />}</Asked>
    </>
  );
}

function Found({ found, isSlowest }: { readonly found: TraceSearch; readonly isSlowest: boolean }) {
  const { traces, heat, wholes } = found;
  const isAnything = heat.cells.length > 0 || traces.length > 0;
  return (
    <>
      {isAnything && <HeatPicture heat={heat} traces={traces} window={timeWindow.value} />}
      {wholes.status === 'unavailable' && <Notice>{wholes.message}</Notice>}
      {traces.length === 0 ? (
        <Nothing found={found} isAnything={isAnything} />
      ) : (
        <Panel title={formatCount(traces.length, 'trace')} aside={isSlowest ? 'slowest first' : 'newest first'}>
          <List traces={traces} />
          <Rest found={found} />
        </Panel>
      )}
    </>
  );
}

function Nothing({ found, isAnything }: { readonly found: TraceSearch; readonly isAnything: boolean }) {
  return (
    <Empty title={isAnything ? 'No trace matches' : 'No spans in this time'}>
      {isAnything ? (
        <p>Take a condition away, or choose a longer time.</p>
      ) : (
        <p>
          Choose a longer time, or another service. Where nothing sends traces yet, <a href="/">Home</a> says what to
          paste. Tocsin's own spans are found by their service, as <code>tocsin-checker</code>.
        </p>
      )}
      <Rest found={found} />
    </Empty>
  );
}

function Rest({ found: { rest } }: { readonly found: TraceSearch }) {
  if (!rest) return null;
  const changes =
    'untilMs' in rest ? { before: String(rest.untilMs) } : { max: `${Number(rest.belowMs.toFixed(6))}ms` };
  return (
    <p>
      <span class="soft">
        {'untilMs' in rest ? (
          <>
            Searched back to <Moment atMs={rest.untilMs} />.
          </>
        ) : (
          `Searched down to ${formatDurationMs(rest.belowMs)}.`
        )}
      </span>{' '}
      <button type="button" onClick={() => setQuery(changes)}>
        Search further
      </button>
    </p>
  );
}

function List({ traces }: { readonly traces: readonly TraceHit[] }) {
  return (
    <table class="cards traces">
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">Trace</th>
          <th scope="col">Matching span</th>
          <th scope="col" class="number">
            Span
          </th>
          <th scope="col" class="number">
            Trace
          </th>
          <th scope="col" class="number">
            Spans
          </th>
          <th scope="col" class="number">
            Errors
          </th>
        </tr>
      </thead>
      <tbody>
        {traces.map((hit) => (
          <Row key={hit.traceId} hit={hit} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ hit }: { readonly hit: TraceHit }) {
  const { traceId, atMs, durationMs, service, name, isError, matched, whole } = hit;
  const isRoot = whole?.service === service && whole.name === name;
  return (
    <tr>
      <td class="soft">
        <Moment atMs={atMs} precision="ms" />
      </td>
      <td>
        <a href={`/trace/${encodeURIComponent(traceId)}`}>
          {whole ? (
            <>
              <bdi>{whole.service}</bdi>: <bdi>{whole.name}</bdi>
            </>
          ) : (
            <bdi>{traceId}</bdi>
          )}
        </a>
      </td>
      <td class={isRoot && matched === 1 ? 'soft nothing' : undefined}>
        {isRoot ? (
          <span class="soft">its root</span>
        ) : (
          <>
            <bdi>{service}</bdi>: <bdi>{name}</bdi>
          </>
        )}
        {matched > 1 && <span class="soft small"> and {matched - 1} more</span>}
      </td>
      <td class="number" data-label="Span">
        <span class={isError ? 'bad' : undefined}>{formatDurationMs(durationMs)}</span>
      </td>
      <td class="number" data-label="Trace">
        {whole ? formatDurationMs(whole.durationMs) : '–'}
      </td>
      <td class="number" data-label="Spans">
        {whole?.spans ?? '–'}
      </td>
      <td class="number" data-label="Errors">
        <span class={whole && whole.errors > 0 ? 'bad' : 'soft'}>{whole?.errors ?? '–'}</span>
      </td>
    </tr>
  );
}
