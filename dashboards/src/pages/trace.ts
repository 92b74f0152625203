import { formatCount, formatDurationMs, formatTime } from '../html/format.ts';
import { html, type Html, shorten } from '../html/html.ts';
import type { Part } from '../part.ts';
import type { TraceLogRow } from '../queries/trace-logs.ts';
import type { TraceSpanRow } from '../queries/trace-spans.ts';
import type { TraceView } from '../trace/load-trace.ts';
import type { Waterfall, WaterfallRow } from '../trace/waterfall.ts';
import { renderPage, renderTime, renderUnavailable } from './layout.ts';

/** A trace as a waterfall, with what was logged in it. */
export function renderTrace(part: Part<TraceView | undefined>, traceId: string, nowMs: number): string {
  const title = `Trace ${traceId.slice(0, 8)} · Tocsin`;
  return renderPage({ title, body: renderBody(part, traceId), atMs: nowMs, nav: [{ text: 'Overview', href: '/' }] });
}

function renderBody(part: Part<TraceView | undefined>, traceId: string): Html {
  if (part.status !== 'ok')
    return html`<section>
      <h1>Trace ${traceId}</h1>
      ${renderUnavailable(part)}
    </section>`;
  if (!part.value) {
    return html`<section>
      <h1>No such trace</h1>
      <p>
        No span of <code>${traceId}</code> is stored. It may not have arrived yet (reload in a few seconds), or its
        retention is over.
      </p>
    </section>`;
  }
  const { waterfall, totalSpans, logs } = part.value;
  const root = waterfall.rows[0]?.span;
  const shown = waterfall.rows.length;
  return html`<section class="banner ${waterfall.errors > 0 ? 'down' : 'up'}">
      <h1><bdi>${shorten(root ? `${root.service}: ${root.name}` : traceId, 200)}</bdi></h1>
      <p>
        ${formatDurationMs(waterfall.durationMs)}, ${formatCount(totalSpans, 'span')},
        ${formatCount(waterfall.services.length, 'service')},
        <span class="${waterfall.errors > 0 && 'bad'}">${formatCount(waterfall.errors, 'error')}</span>
      </p>
      <p class="soft">${renderTime(waterfall.startMs)} · <code>${traceId}</code></p>
    </section>
    <section aria-labelledby="spans">
      <h2 id="spans">Spans</h2>
      ${totalSpans > shown && html`<p class="notice">Only the first ${shown} of ${totalSpans} spans are shown.</p>`}
      <table class="waterfall">
        <thead>
          <tr>
            <th scope="col">Span</th>
            <th scope="col">Time</th>
            <th scope="col" class="number">Duration</th>
          </tr>
        </thead>
        <tbody>
          ${waterfall.rows.map((row) => renderSpan(row, waterfall))}
        </tbody>
      </table>
    </section>
    ${renderLogs(logs, waterfall.startMs)}`;
}

const MAX_INDENT = 12;

function renderSpan(row: WaterfallRow, waterfall: Waterfall): Html {
  const { span, depth, orphan } = row;
  const failed = span.status === 'Error';
  return html`<tr>
    <td>
      <details>
        <summary>
          ${
            depth > 0 &&
            html`<span class="depth" aria-hidden="true">${'  '.repeat(Math.min(depth, MAX_INDENT) - 1)}└ </span>`
          }<span class="name ${failed && 'bad'}"><bdi>${span.name}</bdi></span>
          <span class="soft"
            ><bdi>${shorten(span.service, 80)}</bdi
            >${failed && ' · error'}${orphan && ' · its parent is not here'}</span
          >
        </summary>
        ${renderDetails(row)}
      </details>
      ${failed && renderFailure(span)}
    </td>
    <td>${renderBar(row, waterfall)}</td>
    <td class="number">${formatDurationMs(span.duration_ms)}</td>
  </tr>`;
}

/** Why a span failed: its status message, or else what its exception says. */
function renderFailure({ status_message: message, events }: TraceSpanRow): Html | undefined {
  const exception = events.find(([name]) => name === 'exception')?.[2]['exception.message'] ?? '';
  const words = message === '' ? exception : message;
  return words === '' ? undefined : html`<span class="bad"><bdi>${shorten(words, 300)}</bdi></span>`;
}

function renderBar({ span, offsetMs }: WaterfallRow, { durationMs }: Waterfall): Html {
  const scale = durationMs > 0 ? 100 / durationMs : 0;
  const x = Math.min(offsetMs * scale, 99.5);
  const width = Math.max(Math.min(span.duration_ms * scale, 100 - x), 0.5);
  const label = `starts at ${formatDurationMs(offsetMs)}, takes ${formatDurationMs(span.duration_ms)}`;
  return html`<svg class="span" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="${label}">
    <line x1="0" x2="100" y1="9.500" y2="9.500" stroke-width=".5" />
    <rect class="${span.status === 'Error' && 'down'}" x="${x.toFixed(2)}" y="1" width="${width.toFixed(2)}" height="7">
      <title>${label}</title>
    </rect>
  </svg>`;
}

function renderDetails({ span, offsetMs }: WaterfallRow): Html {
  return html`<dl>
    ${entry('Start', `+${formatDurationMs(offsetMs)}`)}${entry('Duration', formatDurationMs(span.duration_ms))}
    ${entry('Kind', span.kind)}${entry('Span id', span.span_id)}
    ${Object.entries(span.attributes).map(([key, value]) => entry(key, value))}
    ${span.events.map(([name, atMs, attributes]) =>
      entry(
        `event ${name}`,
        [
          `+${formatDurationMs(Math.max(0, atMs - span.start_ms))}`,
          ...Object.entries(attributes).map(([key, value]) => `${key}=${value}`),
        ].join('\n'),
      ),
    )}
  </dl>`;
}

function entry(term: string, text: string): Html {
  return html`<dt><bdi>${shorten(term, 120)}</bdi></dt>
    <dd><bdi>${text}</bdi></dd>`;
}

function renderLogs(logs: Part<readonly TraceLogRow[]>, startMs: number): Html {
  if (logs.status !== 'ok')
    return html`<section>
      <h2>Logs</h2>
      ${renderUnavailable(logs)}
    </section>`;
  if (logs.value.length === 0) return html``;
  return html`<section aria-labelledby="logs">
    <h2 id="logs">Logs</h2>
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
        ${logs.value.map(
          ({ at_ms, severity, service, body }) =>
            html`<tr>
              <td class="soft" title="${formatTime(at_ms)}">${renderOffset(at_ms - startMs)}</td>
              <td>${severity}</td>
              <td><bdi>${shorten(service, 80)}</bdi></td>
              <td><bdi>${body}</bdi></td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}

function renderOffset(offsetMs: number): string {
  return offsetMs < 0 ? `−${formatDurationMs(-offsetMs)}` : `+${formatDurationMs(offsetMs)}`;
}
