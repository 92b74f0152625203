import { formatAge } from '../../../../src/html/format.ts';
import type { MonitorIncident } from '../../../../src/monitor/contract-types.ts';
import { useApi } from '../../api/use-api.ts';
import { Moment } from '../../parts/moment.tsx';
import { Asked } from '../../parts/notices.tsx';
import { Panel } from '../../parts/panel.tsx';
import { StateBadge, type Tone } from '../../parts/state-badge.tsx';

const TONES: Readonly<Record<string, Tone>> = {
  active: 'down',
  acknowledged: 'degraded',
  muted: 'off',
  resolved: 'up',
};

/** Incidents about a monitor, the newest first. */
export function IncidentsPanel({ name, nowMs }: { readonly name: string; readonly nowMs: number }) {
  const loaded = useApi('GET /api/v1/monitors/:name/incidents', { name });
  return (
    <Panel title="Incidents">
      <Asked loaded={loaded}>{(incidents) => <Incidents incidents={incidents} nowMs={nowMs} />}</Asked>
    </Panel>
  );
}

function Incidents({ incidents, nowMs }: { readonly incidents: readonly MonitorIncident[]; readonly nowMs: number }) {
  if (incidents.length === 0)
    return (
      <p class="soft">
        None among the newest. An incident is found here when its alerts are grouped by <code>monitor</code>.
      </p>
    );
  return (
    <table class="cards">
      <thead>
        <tr>
          <th scope="col">State</th>
          <th scope="col">Incident</th>
          <th scope="col">Opened</th>
          <th scope="col">Lasted</th>
        </tr>
      </thead>
      <tbody>
        {incidents.map(({ id, status, severity, labels, openedMs, resolvedMs, acknowledgedBy }) => (
          <tr key={id}>
            <td>
              <StateBadge tone={TONES[status] ?? 'unknown'}>{status}</StateBadge>
            </td>
            <td>
              <a class="name" href={`/incident/${encodeURIComponent(id)}`}>
                <bdi>{labels['alertname'] ?? 'Incident'}</bdi>
              </a>{' '}
              <span class="soft small">
                <bdi>{severity}</bdi>
                {acknowledgedBy !== undefined && (
                  <>
                    , <bdi>{acknowledgedBy}</bdi> has it
                  </>
                )}
              </span>
            </td>
            <td data-label="Opened">
              <Moment atMs={openedMs} precision="minute" />
            </td>
            <td data-label="Lasted">
              {formatAge((resolvedMs ?? nowMs) - openedMs)}
              {resolvedMs === undefined && ' so far'}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
