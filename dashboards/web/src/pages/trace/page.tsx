import './trace.css';
import { useMemo } from 'preact/hooks';
import { formatCount, formatDurationMs } from '../../../../src/html/format.ts';
import type { TraceView } from '../../../../src/trace/contract-types.ts';
import { Moment } from '../../parts/moment.tsx';
import { Asked, Notice, PartOf } from '../../parts/notices.tsx';
import { Panel } from '../../parts/panel.tsx';
import type { PageProps } from '../../shell/pages-table.ts';
import { useTitle } from '../../shell/use-title.ts';
import { query, setQuery } from '../../state/url.ts';
import { LogsPanel } from './logs-panel.tsx';
import { SpanPanel } from './span-panel.tsx';
import { useTrace } from './use-trace.ts';
import { findRow, nameRow, type Shown } from './visible-rows.ts';
import { WaterfallTree } from './waterfall.tsx';

/** A trace as a waterfall, with what was logged in it. */
export function Page({ params: { id = '' } }: PageProps) {
  useTitle(`Trace ${id.slice(0, 8)}`);
  const loaded = useTrace(id);
  return (
    <>
      {!loaded.value && (
        <h1>
          Trace <code>{id}</code>
        </h1>
      )}
      <Asked loaded={loaded}>{(view) => <Trace view={view} />}</Asked>
    </>
  );
}

function Trace({ view: { traceId, waterfall, totalSpans, logs } }: { readonly view: TraceView }) {
  const { rows, startMs } = waterfall;
  const name = query.value.get('span');
  const selected = useMemo(() => findRow(rows, name), [rows, name]);
  const only = query.value.get('only');
  const shown: Shown = {
    find: query.value.get('find') ?? '',
    only: only === 'errors' || only === 'critical' ? only : 'all',
  };
  const select = (index: number): void => setQuery({ span: nameRow(rows, index) }, { replace: true });
  const names = useMemo(() => new Map(rows.toReversed().map(({ span }) => [span.span_id, span.name])), [rows]);
  const row = selected === undefined ? undefined : rows[selected];
  const records = logs.status === 'ok' ? logs.value : [];
  return (
    <>
      <Head traceId={traceId} waterfall={waterfall} totalSpans={totalSpans} />
      <div class={row ? 'trace-columns' : undefined}>
        <Panel title="Spans" aside={<Filters shown={shown} />}>
          {totalSpans > rows.length && (
            <Notice>
              Only the first {rows.length.toLocaleString('en-GB')} of {totalSpans.toLocaleString('en-GB')} spans are
              shown, by their begin.
            </Notice>
          )}
          <WaterfallTree waterfall={waterfall} shown={shown} selected={selected} onSelect={select} />
          <p class="soft small legend">
            <span class="critical-key" /> the critical path: what the trace waited for · <span class="event-key" /> an
            event
          </p>
        </Panel>
        {row && (
          <SpanPanel
            key={`${row.span.span_id}@${row.span.start_ns}`}
            traceId={traceId}
            row={row}
            logs={records.filter(({ span_id }) => span_id !== '' && span_id === row.span.span_id).length}
            onClose={() => setQuery({ span: undefined }, { replace: true })}
          />
        )}
      </div>
      <PartOf part={logs}>
        {(value) =>
          value.length > 0 && (
            <LogsPanel
              records={value}
              startMs={startMs}
              selectedSpan={row?.span.span_id}
              nameOfSpan={(id) => (id === '' ? undefined : names.get(id))}
              onSelect={(id) => setQuery({ span: id }, { replace: true })}
            />
          )
        }
      </PartOf>
    </>
  );
}

function Head({ traceId, waterfall, totalSpans }: Pick<TraceView, 'traceId' | 'waterfall' | 'totalSpans'>) {
  const { rows, errors, services, startMs, durationMs } = waterfall;
  const root = rows[0]?.span;
  return (
    <div class="page-head">
      <h1>
        <bdi>{root?.service}</bdi>: <bdi>{root?.name}</bdi>
      </h1>
      <p>
        {formatDurationMs(durationMs)}, {formatCount(totalSpans, 'span')}, {formatCount(services.length, 'service')},{' '}
        <span class={errors > 0 ? 'bad' : undefined}>{formatCount(errors, 'error')}</span>
      </p>
      <p class="soft">
        <Moment atMs={startMs} precision="ms" /> · <code>{traceId}</code>
      </p>
    </div>
  );
}

function Filters({ shown: { find, only } }: { readonly shown: Shown }) {
  return (
    <span class="filters">
      <input
        type="search"
        data-search
        placeholder="Find a span or service"
        aria-label="Find a span or service"
        value={find}
        onInput={({ currentTarget }) => setQuery({ find: currentTarget.value }, { replace: true })}
      />
      <select
        aria-label="Which spans"
        value={only}
        onChange={({ currentTarget: { value } }) => setQuery({ only: value === 'all' ? undefined : value })}
      >
        <option value="all">All spans</option>
        <option value="errors">Errors</option>
        <option value="critical">Critical path</option>
      </select>
    </span>
  );
}
