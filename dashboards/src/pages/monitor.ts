import { formatDurationMs, formatShare } from '../html/format.ts';
import { html, type Html } from '../html/html.ts';
import type { MonitorPage } from '../overview/monitor-page.ts';
import type { LocationView } from '../overview/locations.ts';
import type { Part } from '../part.ts';
import type { MonitorUptimeRow } from '../queries/monitor-uptime.ts';
import { renderPage, renderUnavailable } from './layout.ts';
import { renderLast, renderRecent, renderSchedule, renderState, renderWho } from './monitors.ts';

const REFRESH_SECONDS = 10;

/** A monitor's own page: what is held of it, what each location says, and its uptime. */
export function renderMonitor({ monitor, uptime, atMs }: MonitorPage): string {
  const { name, target, schedule, state } = monitor;
  const tone = state === 'never_probed' ? 'unknown' : state;
  const nav = [
    { text: 'All monitors', href: '/' },
    { text: 'JSON', href: `/api/v1/monitors/${encodeURIComponent(name)}` },
  ];
  const body = html`<section class="banner ${monitor.mutedBy === '' ? tone : 'off'}">
      <h1><bdi>${name}</bdi></h1>
      <p>${renderState(monitor)}</p>
      <p class="soft"><bdi>${target}</bdi>, ${renderSchedule(schedule)}</p>
      <p>${renderLast(monitor, atMs)}${renderWho(monitor)}</p>
    </section>
    ${renderLocations(monitor.locations, atMs)} ${renderUptime(uptime)}`;
  return renderPage({ title: `${name} · Tocsin`, refreshSeconds: REFRESH_SECONDS, body, atMs, nav });
}

function renderLocations(locations: readonly LocationView[], nowMs: number): Html {
  const rows = locations.map(
    (location) =>
      html`<tr>
        <td>${location.isSilent ? html`<span class="state unknown">Silent</span>` : renderState(location)}</td>
        <td>
          <span class="name"><bdi>${location.name}</bdi></span>
        </td>
        <td>${renderLast(location, nowMs)}</td>
        <td class="${location.recent.length === 0 && 'empty'}">${renderRecent(location.recent)}</td>
      </tr>`,
  );
  return html`<section aria-labelledby="locations">
    <h2 id="locations">Locations</h2>
    ${
      rows.length === 0
        ? html`<p class="soft">No checker has told of it yet.</p>`
        : html`<table class="cards">
            <thead>
              <tr>
                <th scope="col">State</th>
                <th scope="col">Location</th>
                <th scope="col">Last result</th>
                <th scope="col">Last runs</th>
              </tr>
            </thead>
            <tbody>
              ${rows}
            </tbody>
          </table>`
    }
  </section>`;
}

const PERIODS: Readonly<Record<number, string>> = {
  1: '24 hours',
  7: '7 days',
  30: '30 days',
  90: '90 days',
  365: '365 days',
};

function renderUptime(part: Part<readonly MonitorUptimeRow[]>): Html {
  return html`<section aria-labelledby="uptime">
    <h2 id="uptime">Uptime</h2>
    ${part.status === 'ok' ? renderUptimeTable(part.value) : renderUnavailable(part)}
  </section>`;
}

function renderUptimeTable(rows: readonly MonitorUptimeRow[]): Html {
  if (rows.length === 0) return html`<p class="soft">No run has found it up or down yet.</p>`;
  return html`<table class="cards facts">
      <thead>
        <tr>
          <th scope="col">Last</th>
          <th scope="col" class="number">Uptime</th>
          <th scope="col" class="number">Runs</th>
          <th scope="col" class="number">p50</th>
          <th scope="col" class="number">p95</th>
          <th scope="col" class="number">p99</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ days, passed, failed, p50_ms, p95_ms, p99_ms }) =>
            html`<tr>
              <td><span class="name">${PERIODS[days] ?? `${days} days`}</span></td>
              <td class="number" data-label="Uptime">${formatShare(passed / (passed + failed))}</td>
              <td class="number" data-label="Runs">${passed + failed}</td>
              ${(
                [
                  ['p50', p50_ms],
                  ['p95', p95_ms],
                  ['p99', p99_ms],
                ] as const
              ).map(
                ([label, ms]) =>
                  html`<td class="number${ms === null && ' empty'}" data-label="${label}">
                    ${ms === null ? '–' : formatDurationMs(ms)}
                  </td>`,
              )}
            </tr>`,
        )}
      </tbody>
    </table>
    <p class="soft">
      Runs that found it up or degraded, of those and the ones that found it down; all locations together. Unknown runs
      are left out, and maintenance as configured. Days are of UTC, with today. Response times are of the runs that were
      not down.
    </p>`;
}
