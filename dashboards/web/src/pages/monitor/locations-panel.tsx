import { formatDurationMs, formatShare } from '../../../../src/html/format.ts';
import type { MonitorHistory } from '../../../../src/monitor/contract-types.ts';
import type { LocationView } from '../../../../src/overview/monitor-types.ts';
import { LastRun, MonitorStateBadge, RecentRuns } from '../../parts/monitor-words.tsx';
import { Panel } from '../../parts/panel.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';

/** What each location says now, and found over the chosen time. */
export function LocationsPanel({
  locations,
  history,
  nowMs,
}: {
  readonly locations: readonly LocationView[];
  readonly history: MonitorHistory | undefined;
  readonly nowMs: number;
}) {
  const known = new Map(history?.locations.map((one) => [one.location, one]));
  if (locations.length === 0)
    return (
      <Panel title="Locations">
        <p class="soft">No checker has told of it yet.</p>
      </Panel>
    );
  return (
    <Panel title="Locations" aside="uptime and times of the chosen time">
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Location</th>
            <th scope="col">Last result</th>
            <th scope="col">Last runs</th>
            {['Uptime', 'p50', 'p95'].map((head) => (
              <th key={head} scope="col" class="number">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {locations.map((location) => {
            const found = known.get(location.name);
            const runs = found ? found.passed + found.failed : 0;
            const time = (ms: number | null | undefined): string =>
              ms === null || ms === undefined ? '–' : formatDurationMs(ms);
            return (
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
                <td class="number" data-label="Uptime">
                  {found && runs > 0 ? formatShare(found.passed / runs) : '–'}
                </td>
                <td class="number" data-label="p50">
                  {time(found?.p50Ms)}
                </td>
                <td class="number" data-label="p95">
                  {time(found?.p95Ms)}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Panel>
  );
}
