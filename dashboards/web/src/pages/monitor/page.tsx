import type { MonitorPage } from '../../../../src/monitor/contract-types.ts';
import type { MonitorUptimeRow } from '../../../../src/queries/monitor-uptime.ts';
import type { LocationView } from '../../../../src/overview/monitor-types.ts';
import { formatDurationMs, formatShare } from '../../../../src/html/format.ts';
import { useApi } from '../../api/use-api.ts';
import { LastRun, MonitorStateBadge, RecentRuns, Schedule, WhoSaysWhat } from '../../parts/monitor-words.tsx';
import { Asked, PartOf } from '../../parts/notices.tsx';
import { Panel } from '../../parts/panel.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import type { PageProps } from '../../shell/pages-table.ts';
import { useTitle } from '../../shell/use-title.ts';

/** A monitor: what is held of it, what each location says, and its uptime. */
export function Page({ params: { name = '' } }: PageProps) {
  useTitle(name);
  const loaded = useApi('GET /api/v1/monitors/:name', { name });
  return <Asked loaded={loaded}>{(page) => <Monitor page={page} />}</Asked>;
}

function Monitor({ page: { monitor, uptime, atMs } }: { readonly page: MonitorPage }) {
  return (
    <>
      <div class="page-head">
        <h1>
          <bdi>{monitor.name}</bdi>
        </h1>
        <div>
          <MonitorStateBadge held={monitor} />
        </div>
        <p class="soft">
          <bdi>{monitor.target}</bdi>, <Schedule schedule={monitor.schedule} />
        </p>
      </div>
      <Panel title="Last run">
        <LastRun of={monitor} nowMs={atMs} />
        <WhoSaysWhat monitor={monitor} />
      </Panel>
      <Panel title="Locations">
        {monitor.locations.length === 0 ? (
          <p class="soft">No checker has told of it yet.</p>
        ) : (
          <Locations locations={monitor.locations} nowMs={atMs} />
        )}
      </Panel>
      <Panel title="Uptime">
        <PartOf part={uptime}>{(rows) => <Uptime rows={rows} />}</PartOf>
      </Panel>
    </>
  );
}

function Locations({ locations, nowMs }: { readonly locations: readonly LocationView[]; readonly nowMs: number }) {
  return (
    <table class="cards">
      <thead>
        <tr>
          <th scope="col">State</th>
          <th scope="col">Location</th>
          <th scope="col">Last result</th>
          <th scope="col">Last runs</th>
        </tr>
      </thead>
      <tbody>
        {locations.map((location) => (
          <tr key={location.name}>
            <td>
              {location.isSilent ? (
                <StateBadge tone="unknown">Silent</StateBadge>
              ) : (
                <MonitorStateBadge held={location} />
              )}
            </td>
            <td class="name">
              <bdi>{location.name}</bdi>
            </td>
            <td>
              <LastRun of={location} nowMs={nowMs} />
            </td>
            <td>
              <RecentRuns runs={location.recent} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
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
