import { formatDurationMs } from '../../../../src/html/format.ts';
import type { TraceSpanRow } from '../../../../src/queries/trace-spans.ts';
import type { WaterfallRow } from '../../../../src/trace/contract-types.ts';

const MAX_INDENT = 12;

/** A span of the waterfall; it opens to its attributes and events. */
export function SpanRow({ row, totalMs }: { readonly row: WaterfallRow; readonly totalMs: number }) {
  const { span, depth, orphan } = row;
  const isFailed = span.status === 'Error';
  const failure = isFailed ? failureOf(span) : '';
  return (
    <tr>
      <td style={{ paddingLeft: `${Math.min(depth, MAX_INDENT) * 0.9}rem` }}>
        <details>
          <summary>
            <span class={`name ${isFailed ? 'bad' : ''}`}>
              <bdi>{span.name}</bdi>
            </span>{' '}
            <span class="soft small">
              <bdi>{span.service}</bdi>
              {isFailed && ' · error'}
              {orphan && ' · its parent is not here'}
            </span>
          </summary>
          <Details row={row} />
        </details>
        {failure !== '' && (
          <span class="bad small">
            <bdi>{failure}</bdi>
          </span>
        )}
      </td>
      <td>
        <SpanBar row={row} totalMs={totalMs} />
      </td>
      <td class="number">{formatDurationMs(span.duration_ms)}</td>
    </tr>
  );
}

/** Why a span failed: its status message, or else what its exception says. */
function failureOf({ status_message: message, events }: TraceSpanRow): string {
  const exception = events.find(([name]) => name === 'exception')?.[2]['exception.message'] ?? '';
  return message === '' ? exception : message;
}

function SpanBar({ row: { span, offsetMs }, totalMs }: { readonly row: WaterfallRow; readonly totalMs: number }) {
  const scale = totalMs > 0 ? 100 / totalMs : 0;
  const x = Math.min(offsetMs * scale, 99.5);
  const width = Math.max(Math.min(span.duration_ms * scale, 100 - x), 0.5);
  const label = `starts at ${formatDurationMs(offsetMs)}, takes ${formatDurationMs(span.duration_ms)}`;
  return (
    <svg class="span" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label={label}>
      <line x1="0" x2="100" y1="9.5" y2="9.5" stroke-width=".5" />
      <rect
        class={span.status === 'Error' ? 'down' : undefined}
        x={x.toFixed(2)}
        y="1"
        width={width.toFixed(2)}
        height="7"
      >
        <title>{label}</title>
      </rect>
    </svg>
  );
}

function Details({ row: { span, offsetMs } }: { readonly row: WaterfallRow }) {
  const entries = [
    ['Start', `+${formatDurationMs(offsetMs)}`],
    ['Duration', formatDurationMs(span.duration_ms)],
    ['Kind', span.kind],
    ['Span id', span.span_id],
    ...Object.entries(span.attributes),
    ...span.events.map(([name, atMs, attributes]) => [
      `event ${name}`,
      [
        `+${formatDurationMs(Math.max(0, atMs - span.start_ms))}`,
        ...Object.entries(attributes).map(([key, value]) => `${key}=${value}`),
      ].join('\n'),
    ]),
  ];
  return (
    <dl class="facts">
      {entries.map(([term, text], index) => [
        <dt key={`t${index}`}>
          <bdi>{term}</bdi>
        </dt>,
        <dd key={`d${index}`}>
          <bdi>{text}</bdi>
        </dd>,
      ])}
    </dl>
  );
}
