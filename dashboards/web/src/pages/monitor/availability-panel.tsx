import { formatDurationMs, formatShare } from '../../../../src/html/format.ts';
import type { MonitorDay, MonitorPage } from '../../../../src/monitor/contract-types.ts';
import type { MonitorUptimeRow } from '../../../../src/queries/monitor-uptime.ts';
import { Bars } from '../../parts/bars.tsx';
import { PartOf } from '../../parts/notices.tsx';
import { Panel } from '../../parts/panel.tsx';
import { badDays, barOfDay } from './days.ts';

/** The last 90 days, and uptime over longer and shorter times. */
export function AvailabilityPanel({ page: { days, uptime } }: { readonly page: MonitorPage }) {
  return (
    <Panel title="Availability" aside="days of UTC, the oldest at the left">
      <PartOf part={days}>{(list) => <Days days={list} />}</PartOf>
      <PartOf part={uptime}>{(rows) => <Uptime rows={rows} />}</PartOf>
    </Panel>
  );
}

function Days({ days }: { readonly days: readonly MonitorDay[] }) {
  const bad = badDays(days);
  const measured = days.filter(({ passed, failed }) => passed + failed > 0).length;
  return (
    <div class="monitor-days">
      <Bars bars={days.map(barOfDay)} label={`${measured} of 90 days with runs, ${bad.length} with failed ones`} />
      <div class="soft small ends">
        <span>90 days ago</span>
        <span>today</span>
      </div>
      {bad.length > 0 && (
        <details class="small">
          <summary>
            {bad.length} {bad.length === 1 ? 'day' : 'days'} with failed runs
          </summary>
          <ul>
            {bad.map((day) => (
              <li key={day.dayMs}>
                <bdi>{barOfDay(day).title}</bdi>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function Uptime({ rows }: { readonly rows: readonly MonitorUptimeRow[] }) {
  if (rows.length === 0) return <p class="soft">No run has found it up or down yet.</p>;
  const percentile = (ms: number | null): string => (ms === null ? '–' : formatDurationMs(ms));
  return (
    <>
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">Last</th>
            {['Uptime', 'Runs', 'p50', 'p95', 'p99'].map((head) => (
              <th key={head} scope="col" class="number">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ days, passed, failed, p50_ms, p95_ms, p99_ms }) => (
            <tr key={days}>
              <td class="name">{days === 1 ? '24 hours' : `${days} days`}</td>
              <td class="number" data-label="Uptime">
                {formatShare(passed / (passed + failed))}
              </td>
              <td class="number" data-label="Runs">
                {passed + failed}
              </td>
              <td class="number" data-label="p50">
                {percentile(p50_ms)}
              </td>
              <td class="number" data-label="p95">
                {percentile(p95_ms)}
              </td>
              <td class="number" data-label="p99">
                {percentile(p99_ms)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="soft small">
        Runs that found it up or degraded, of those and the ones that found it down; all locations together. Unknown
        runs are left out, and maintenance as configured. Days are of UTC, with today. Response times are of the runs
        that were not down.
      </p>
    </>
  );
}
