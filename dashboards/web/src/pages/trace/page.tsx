import './trace.css';
import { formatCount, formatDurationMs } from '../../../../src/html/format.ts';
import type { TraceView } from '../../../../src/trace/contract-types.ts';
import { useApi } from '../../api/use-api.ts';
import { Moment } from '../../parts/moment.tsx';
import { Asked, Notice, PartOf } from '../../parts/notices.tsx';
import { Panel } from '../../parts/panel.tsx';
import type { PageProps } from '../../shell/pages-table.ts';
import { useTitle } from '../../shell/use-title.ts';
import { SpanRow } from './span-row.tsx';

/** A trace as a waterfall, with what was logged in it. */
export function Page({ params: { id = '' } }: PageProps) {
  useTitle(`Trace ${id.slice(0, 8)}`);
  const loaded = useApi('GET /api/v1/traces/:id', { id });
  return <Asked loaded={loaded}>{(view) => <Trace view={view} />}</Asked>;
}

function Trace({ view: { traceId, waterfall, totalSpans, logs } }: { readonly view: TraceView }) {
  const { rows, errors, services, startMs, durationMs } = waterfall;
  const root = rows[0]?.span;
  return (
    <>
      <div class="page-head">
        <h1>
          <bdi>{root ? `${root.service}: ${root.name}` : traceId}</bdi>
        </h1>
        <p>
          {formatDurationMs(durationMs)}, {formatCount(totalSpans, 'span')}, {formatCount(services.length, 'service')},{' '}
          <span class={errors > 0 ? 'bad' : undefined}>{formatCount(errors, 'error')}</span>
        </p>
        <p class="soft">
          <Moment atMs={startMs} precision="ms" /> · <code>{traceId}</code>
        </p>
      </div>
      <Panel title="Spans">
        {totalSpans > rows.length && (
          <Notice>
            Only the first {rows.length} of {totalSpans} spans are shown.
          </Notice>
        )}
        <table class="waterfall">
          <thead>
            <tr>
              <th scope="col">Span</th>
              <th scope="col">Time</th>
              <th scope="col" class="number">
                Duration
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => (
              <SpanRow key={index} row={row} totalMs={durationMs} />
            ))}
          </tbody>
        </table>
      </Panel>
      <PartOf part={logs}>
        {(records) => (records.length === 0 ? null : <Logs records={records} startMs={startMs} />)}
      </PartOf>
    </>
  );
}

type LogRecords = Extract<TraceView['logs'], { status: 'ok' }>['value'];

function Logs({ records, startMs }: { readonly records: LogRecords; readonly startMs: number }) {
  return (
    <Panel title="Logs">
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Level</th>
            <th scope="col">Service</th>
            <th scope="col">Message</th>
          </tr>
        </thead>
        <tbody>
          {records.map(({ at_ms, severity, service, body }, index) => (
            <tr key={index}>
              <td class="soft">
                <Moment
                  atMs={at_ms}
                  text={`${at_ms < startMs ? '−' : '+'}${formatDurationMs(Math.abs(at_ms - startMs))}`}
                />
              </td>
              <td>{severity}</td>
              <td>
                <bdi>{service}</bdi>
              </td>
              <td>
                <bdi>{body}</bdi>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
