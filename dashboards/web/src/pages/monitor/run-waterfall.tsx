import { formatCount, formatDurationMs } from '../../../../src/html/format.ts';
import type { TraceView, WaterfallRow } from '../../../../src/trace/contract-types.ts';
import { useApi } from '../../api/use-api.ts';
import { Asked } from '../../parts/notices.tsx';

const MOST_ROWS = 60;
const MAX_INDENT = 8;
/** The service of our own probes. */
const CHECKER = 'tocsin-checker';

/** The trace of a run: the probe's phases, and what the application did for it, where it takes part in the trace. */
export function RunWaterfall({ traceId }: { readonly traceId: string }) {
  const loaded = useApi('GET /api/v1/traces/:id', { id: traceId });
  return (
    <div class="run-waterfall">
      <Asked loaded={loaded}>{(view) => <Spans view={view} />}</Asked>
      <p class="small">
        <a href={`/trace/${encodeURIComponent(traceId)}`}>Open the trace</a>
      </p>
    </div>
  );
}

function Spans({ view: { waterfall, totalSpans } }: { readonly view: TraceView }) {
  const { rows, durationMs, services } = waterfall;
  const shown = rows.slice(0, MOST_ROWS);
  const isOnlyProbe = services.every((service) => service === CHECKER);
  return (
    <>
      <ol>
        {shown.map((row, index) => (
          <Span key={index} row={row} totalMs={durationMs} />
        ))}
      </ol>
      <p class="soft small">
        {totalSpans > shown.length && `The first ${shown.length} of ${formatCount(totalSpans, 'span')}. `}
        {isOnlyProbe &&
          'No span of the application is in this trace: it sends none, or does not go on with the traceparent of the request.'}
      </p>
    </>
  );
}

function Span({ row: { span, depth, offsetMs }, totalMs }: { readonly row: WaterfallRow; readonly totalMs: number }) {
  const scale = totalMs > 0 ? 100 / totalMs : 0;
  const x = Math.min(offsetMs * scale, 99.5);
  const width = Math.max(Math.min(span.duration_ms * scale, 100 - x), 0.5);
  const isFailed = span.status === 'Error';
  const tone = isFailed ? 'down' : span.service === CHECKER ? 'probe' : 'app';
  return (
    <li>
      <span class="span-name" style={{ paddingLeft: `${Math.min(depth, MAX_INDENT) * 0.8}rem` }}>
        <bdi class={isFailed ? 'bad' : undefined}>{span.name}</bdi>{' '}
        {span.service !== CHECKER && (
          <span class="soft small">
            <bdi>{span.service}</bdi>
          </span>
        )}
      </span>
      <svg
        viewBox="0 0 100 10"
        preserveAspectRatio="none"
        role="img"
        aria-label={`starts at ${formatDurationMs(offsetMs)}, takes ${formatDurationMs(span.duration_ms)}`}
      >
        <rect class={tone} x={x.toFixed(2)} y="2" width={width.toFixed(2)} height="6" />
      </svg>
      <span class="number">{formatDurationMs(span.duration_ms)}</span>
    </li>
  );
}
