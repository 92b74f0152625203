import './monitor.css';
import type { MonitorPage } from '../../../../src/monitor/contract-types.ts';
import { useApi } from '../../api/use-api.ts';
import { LastRun, MonitorStateBadge, Schedule, WhoSaysWhat } from '../../parts/monitor-words.tsx';
import { Asked, Notice } from '../../parts/notices.tsx';
import { Panel } from '../../parts/panel.tsx';
import type { PageProps } from '../../shell/pages-table.ts';
import { useTitle } from '../../shell/use-title.ts';
import { timeWindow } from '../../state/clock.ts';
import { AvailabilityPanel } from './availability-panel.tsx';
import { CertificatePanel } from './certificate-panel.tsx';
import { IncidentsPanel } from './incidents-panel.tsx';
import { LocationsPanel } from './locations-panel.tsx';
import { ResponsePanels } from './response-panels.tsx';
import { RunsPanel } from './runs-panel.tsx';

/** A monitor: what is held of it, how it was over time, what each location says, and the runs that did not find it up. */
export function Page({ params: { name = '' } }: PageProps) {
  useTitle(name);
  const loaded = useApi('GET /api/v1/monitors/:name', { name });
  return <Asked loaded={loaded}>{(page) => <Monitor page={page} />}</Asked>;
}

function Monitor({ page }: { readonly page: MonitorPage }) {
  const { monitor, atMs, certificates } = page;
  const { fromMs, toMs } = timeWindow.value;
  const { name } = monitor;
  const history = useApi('GET /api/v1/monitors/:name/history', {
    name,
    from: Math.floor(fromMs),
    to: Math.ceil(toMs),
  });
  return (
    <>
      <div class="page-head">
        <h1>
          <bdi>{name}</bdi>
        </h1>
        <div>
          <MonitorStateBadge held={monitor} />
        </div>
        <p class="soft">
          <bdi>{monitor.target}</bdi>, <Schedule schedule={monitor.schedule} />
        </p>
      </div>
      <div class="two-columns">
        <AvailabilityPanel page={page} />
        <div>
          <Panel title="Last run">
            <LastRun of={monitor} nowMs={atMs} />
            <WhoSaysWhat monitor={monitor} />
            {!monitor.last && <p class="soft">It has not been probed yet.</p>}
          </Panel>
          <IncidentsPanel name={name} nowMs={atMs} />
        </div>
      </div>
      <Asked loaded={history}>{(value) => <ResponsePanels history={value} />}</Asked>
      <LocationsPanel locations={monitor.locations} history={history.value} nowMs={atMs} />
      {certificates.status === 'unavailable' && <Notice>{certificates.message}</Notice>}
      {certificates.status === 'ok' && certificates.value.length > 0 && (
        <CertificatePanel certificates={certificates.value} nowMs={atMs} />
      )}
      <RunsPanel name={name} />
    </>
  );
}
