import { formatDuration } from '@tocsin/service/config';
import { formatAgo, formatDurationMs, formatShare, formatTime } from '../html/format.ts';
import { html, type Html, shorten } from '../html/html.ts';
import type { LocationView, ProbeRun } from '../overview/locations.ts';
import type { MonitorState, MonitorView } from '../overview/monitors.ts';
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
  const { name, target, schedule, availability24h, recent } = monitor;
  return html`<tr>
    <td>${renderState(monitor)}</td>
    <td>
      <a class="name" href="${monitorPath(name)}"><bdi>${name}</bdi></a
      ><br /><span class="soft"><bdi>${shorten(target, 120)}</bdi>, ${renderSchedule(schedule)}</span>
    </td>
    <td>${renderLast(monitor, nowMs)}${renderWho(monitor)}</td>
    <td class="${recent.length === 0 && 'empty'}">${renderRecent(recent)}</td>
    <td class="number${availability24h === undefined && ' empty'}" data-label="24 h">
      ${availability24h === undefined ? '–' : formatShare(availability24h)}
    </td>
  </tr>`;
}

/** Where a monitor's own page is. */
export function monitorPath(name: string): string {
  return `/monitor/${encodeURIComponent(name)}`;
}

/** The state as a word, coloured unless something mutes it, which stands below it then. */
export function renderState({
  state,
  mutedBy,
  suppressedBy,
}: Pick<MonitorView, 'state' | 'mutedBy' | 'suppressedBy'>): Html {
  const why =
    mutedBy === 'maintenance'
      ? 'in maintenance'
      : suppressedBy !== '' && html`because of <a href="${monitorPath(suppressedBy)}"><bdi>${suppressedBy}</bdi></a>`;
  return html`<span class="state ${why === false ? state : 'off'}">${STATE_TEXT[state]}</span>${
      why !== false && html`<br /><span class="soft">${why}</span>`
    }`;
}

/** Who says what, where there is more than one location to say it. */
export function renderWho({ locations, silentAt, unknownAt }: MonitorView): Html | undefined {
  if (locations.length < 2) return undefined;
  const saying = (state: string): readonly string[] =>
    locations.filter((one) => !one.isSilent && one.state === state).map(({ name }) => name);
  const parts = [
    ['down at', saying('down')],
    ['degraded at', saying('degraded')],
    ['up at', saying('up')],
    ['unknown at', unknownAt],
    ['silent:', silentAt],
  ] as const;
  const told = parts.filter(([, names]) => names.length > 0);
  return html`<br /><span class="soft"
      >${told.map(([words, names], index) => html`${index > 0 && ' · '}${words} <bdi>${shorten(names.join(', '), 200)}</bdi>`)}</span
    >`;
}

/** How often it is probed. */
export function renderSchedule(schedule: MonitorView['schedule']): Html {
  return schedule.type === 'cron'
    ? html`<code>${schedule.expression}</code> ${schedule.timeZone}`
    : html`every ${formatDuration(schedule.intervalMs)}`;
}

/** The last run in words: why, when, how long, and where to look further. */
export function renderLast(
  {
    state,
    mutedBy,
    message,
    reason,
    last,
    phases,
  }: Pick<MonitorView | LocationView, 'state' | 'mutedBy' | 'message' | 'reason' | 'last' | 'phases'>,
  nowMs: number,
): Html {
  const words = message === '' ? reason : message;
  return html`${
    words !== '' &&
    html`<span class="${state === 'down' && mutedBy === '' && 'bad'}"><bdi>${shorten(words, 300)}</bdi></span
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
export function renderRecent(runs: readonly ProbeRun[]): Html | undefined {
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
