import type { FiringAlert } from '../alerts/firing-alerts.ts';
import { formatAge } from '../html/format.ts';
import { html, type Html, safeUrl, shorten } from '../html/html.ts';
import type { Part } from '../part.ts';
import { readTraceId } from '../trace/load-trace.ts';
import { renderTime, renderUnavailable } from './layout.ts';

const SHOWN = 100;

/** The section of alerts that fire now. */
export function renderAlerts(part: Part<readonly FiringAlert[]>, nowMs: number): Html {
  return html`<section aria-labelledby="alerts">
    <h2 id="alerts">Firing alerts</h2>
    ${part.status === 'ok' ? renderList(part.value, nowMs) : renderUnavailable(part)}
  </section>`;
}

function renderList(alerts: readonly FiringAlert[], nowMs: number): Html {
  if (alerts.length === 0) return html`<p class="soft">No alert is firing.</p>`;
  return html`<ul class="alerts">
      ${alerts.slice(0, SHOWN).map((alert) => renderAlert(alert, nowMs))}
    </ul>
    ${alerts.length > SHOWN && html`<p class="soft">And ${alerts.length - SHOWN} more.</p>`}`;
}

function renderAlert({ name, labels, annotations, startsAtMs, state }: FiringAlert, nowMs: number): Html {
  const { summary, description, reason, runbook, runbook_url: link, trace_id: trace } = annotations;
  const runbookUrl = link === undefined ? undefined : safeUrl(link);
  const traceId = trace === undefined ? undefined : readTraceId(trace);
  const silenced = state === 'suppressed';
  return html`<li>
    <span class="state ${silenced ? 'off' : 'down'}">${silenced ? 'Suppressed' : 'Firing'}</span>
    <strong><bdi>${shorten(name, 200)}</bdi></strong>
    <span class="soft"
      >for
      ${renderTime(startsAtMs, formatAge(nowMs - startsAtMs))}${state === 'unprocessed' && ', goes to no receiver'}</span
    >
    ${sayOnce([summary, description, reason]).map((text) => html`<p><bdi>${shorten(text, 500)}</bdi></p>`)}
    ${runbook !== undefined && html`<p class="soft"><bdi>${shorten(runbook, 500)}</bdi></p>`}
    <ul class="labels" aria-label="Labels">
      ${Object.entries(labels)
        .filter(([label]) => label !== 'alertname')
        .map(([label, value]) => html`<li><bdi>${label}=${shorten(value, 200)}</bdi></li>`)}
    </ul>
    ${
      (traceId !== undefined || runbookUrl !== undefined) &&
      html`<p>
        ${traceId !== undefined && html`<a href="/trace/${traceId}">Trace</a> `}
        ${runbookUrl !== undefined && html`<a href="${runbookUrl}" rel="noreferrer">Runbook</a>`}
      </p>`
    }
  </li>`;
}

/** The texts that say something an earlier one has not said: a summary often holds the reason. */
function sayOnce(texts: readonly (string | undefined)[]): string[] {
  const said: string[] = [];
  for (const text of texts) {
    if (text !== undefined && text !== '' && !said.some((earlier) => earlier.includes(text))) said.push(text);
  }
  return said;
}
