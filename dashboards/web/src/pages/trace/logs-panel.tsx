import { formatDurationMs } from '../../../../src/html/format.ts';
import type { TraceLogRow } from '../../../../src/queries/trace-logs.ts';
import { Moment } from '../../parts/moment.tsx';
import { Panel } from '../../parts/panel.tsx';

/** What was logged in the trace; a record of a span that is shown leads to it. */
export function LogsPanel({
  records,
  startMs,
  selectedSpan,
  nameOfSpan,
  onSelect,
}: {
  readonly records: readonly TraceLogRow[];
  readonly startMs: number;
  readonly selectedSpan: string | undefined;
  readonly nameOfSpan: (spanId: string) => string | undefined;
  readonly onSelect: (spanId: string) => void;
}) {
  const total = records[0]?.total ?? 0;
  return (
    <Panel title="Logs" aside={total > records.length ? `the first ${records.length} of ${total}` : undefined}>
      <table class="cards trace-logs">
        <thead>
          <tr>
            {['Time', 'Level', 'Service', 'Span', 'Message'].map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {records.map(({ at_ms, severity, service, body, span_id }, index) => {
            const span = nameOfSpan(span_id);
            return (
              <tr key={index} class={span_id !== '' && span_id === selectedSpan ? 'selected' : undefined}>
                <td class="soft">
                  <Moment
                    atMs={at_ms}
                    text={`${at_ms < startMs ? '−' : '+'}${formatDurationMs(Math.abs(at_ms - startMs))}`}
                  />
                </td>
                <td class={/^(?:ERROR|FATAL|CRIT)/i.test(severity) ? 'bad' : undefined}>
                  <bdi>{severity}</bdi>
                </td>
                <td>
                  <bdi>{service}</bdi>
                </td>
                <td class={span === undefined ? 'nothing' : undefined}>
                  {span !== undefined && (
                    <button type="button" class="plain" onClick={() => onSelect(span_id)}>
                      <bdi>{span}</bdi>
                    </button>
                  )}
                </td>
                <td>
                  <bdi>{body}</bdi>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Panel>
  );
}
