import { formatDuration } from '@tocsin/service/config';
import { formatAgo, formatDurationMs, formatShare, formatTime } from '../html/format.ts';
import { html, type Html, shorten } from '../html/html.ts';
import type { MonitorState, MonitorView, ProbeRun } from '../overview/monitors.ts';
import type { Part } from '../part.ts';
import { RECENT_RUNS } from '../queries/monitor-runs.ts';
import { renderTime, renderUnavailable } from './layout.ts';

const STATE_TEXT: Readonly<Record<MonitorState, string>> = {
  up: 'Up',
  degraded: 'Degraded',
  down: 'Down',
  unknown: 'Unknown',
  never_probed: 'Never probed',
};

/** The section of monitors with their states. */
export function renderMonitors(part: Part<readonly MonitorView[]>, nowMs: number): Html {
  return html`<section aria-labelledby="monitors">
    <h2 id="monitors">Monitors</h2>
    ${part.status === 'ok' ? renderTable(part.value, nowMs) : renderUnavailable(part)}
  </section>`;
}

function renderTable(monitors: readonly MonitorView[], nowMs: number): Html {
  if (monitors.length === 0) {
    return html`<p class="soft">
      No monitor is configured. Add <code>monitors</code> to <code>tocsin.yaml</code> to have something watched from
      outside.
    </p>`;
  }
  return html`<table class="cards">
    <thead>
      <tr>
        <th scope="col">State</th>
        <th scope="col">Monitor</th>
        <th scope="col">Last result</th>
        <th scope="col">Last ${RECENT_RUNS} runs</th>
        <th scope="col" class="number">24 h</th>
      </tr>
    </thead>
    <tbody>
      ${monitors.map((monitor) => renderRow(monitor, nowMs))}
    </tbody>
  </table>`;
}

function renderRow(monitor: MonitorView, nowMs: number): Html {
  const { state, name, target, schedule, availability24h, recent } = monitor;
  return html`<tr>
    <td><span class="state ${state}">${STATE_TEXT[state]}</span></td>
    <td>
      <span class="name"><bdi>${name}</bdi></span
      ><br /><span class="soft"><bdi>${shorten(target, 120)}</bdi>, ${renderSchedule(schedule)}</span>
    </td>
    <td>${renderLast(monitor, nowMs)}</td>
    <td class="${recent.length === 0 && 'empty'}">${renderRecent(recent)}</td>
    <td class="number${availability24h === undefined && ' empty'}" data-label="24 h">
      ${availability24h === undefined ? '–' : formatShare(availability24h)}
    </td>
  </tr>`;
}

function renderSchedule(schedule: MonitorView['schedule']): Html {
  return schedule.type === 'cron'
    ? html`<code>${schedule.expression}</code> ${schedule.timeZone}`
    : html`every ${formatDuration(schedule.intervalMs)}`;
}

function renderLast({ state, message, reason, last, phases }: MonitorView, nowMs: number): Html {
  const words = message === '' ? reason : message;
  return html`${
    words !== '' &&
    html`<span class="${state === 'down' && 'bad'}"><bdi>${shorten(words, 300)}</bdi></span
      ><br />`
  }
  ${
    last &&
    html`<span class="soft"
      >${renderTime(last.atMs, formatAgo(last.atMs, nowMs))},
      ${formatDurationMs(last.durationMs)}${
        last.traceId !== '' && html`, <a href="/trace/${last.traceId}">trace</a>`
      }</span
    >`
  }
  ${phases.length > 0 && html`<br /><span class="soft">${renderPhases(phases)}</span>`}`;
}

function renderPhases(phases: MonitorView['phases']): string {
  // Breaks between phases only, not between a number and its unit.
  return phases
    .map(({ phase, durationMs }) => `${phase} ${formatDurationMs(durationMs)}`.replaceAll(' ', '\u00a0'))
    .join(' · ');
}

const HEIGHT = { up: 12, degraded: 16, unknown: 18, down: 24 } as const;

/** One tick a run, newest at the right; its height says the outcome too, for those who do not see the colours. */
function renderRecent(runs: readonly ProbeRun[]): Html | undefined {
  if (runs.length === 0) return undefined;
  const down = runs.filter(({ outcome }) => outcome === 'down').length;
  const label = `${runs.length} runs, ${down} down`;
  return html`<svg
    class="runs"
    viewBox="0 0 ${RECENT_RUNS * 4} 24"
    preserveAspectRatio="none"
    role="img"
    aria-label="${label}"
  >
    ${runs.map(({ atMs, outcome, durationMs }, index) => {
      const x = (RECENT_RUNS - runs.length + index) * 4;
      const height = HEIGHT[outcome];
      return html`<rect class="${outcome}" x="${x}" y="${24 - height}" width="3" height="${height}"
        ><title>${formatTime(atMs)}: ${outcome}, ${formatDurationMs(durationMs)}</title></rect
      >`;
    })}
  </svg>`;
}
