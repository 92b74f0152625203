import { formatShare } from '../../../../src/html/format.ts';
import type { MonitorView } from '../../../../src/overview/monitor-types.ts';
import type { Part } from '../../../../src/part-types.ts';
import {
  LastRun,
  monitorPath,
  MonitorStateBadge,
  RecentRuns,
  Schedule,
  WhoSaysWhat,
} from '../../parts/monitor-words.tsx';
import { Empty, PartOf } from '../../parts/notices.tsx';
import { Panel } from '../../parts/panel.tsx';

/** Every monitor with its state, the worst first. */
export function MonitorsPanel({
  monitors,
  nowMs,
}: {
  readonly monitors: Part<readonly MonitorView[]>;
  readonly nowMs: number;
}) {
  return (
    <Panel title="Monitors">
      <PartOf part={monitors}>
        {(list) => (list.length === 0 ? <NoMonitor /> : <Table monitors={list} nowMs={nowMs} />)}
      </PartOf>
    </Panel>
  );
}

function NoMonitor() {
  return (
    <Empty title="No monitor is configured">
      <p>
        Tocsin looks at your endpoints from outside when <code>tocsin.yaml</code> names them:
      </p>
      <pre>{`monitors:
  - { name: shop, http: 'https://shop.example.com/health', interval: 30s }`}</pre>
    </Empty>
  );
}

function Table({ monitors, nowMs }: { readonly monitors: readonly MonitorView[]; readonly nowMs: number }) {
  return (
    <table class="cards monitors">
      <thead>
        <tr>
          <th scope="col">State</th>
          <th scope="col">Monitor</th>
          <th scope="col">Last result</th>
          <th scope="col">Last runs</th>
          <th scope="col" class="number">
            24 h
          </th>
        </tr>
      </thead>
      <tbody>
        {monitors.map((monitor) => (
          <tr key={monitor.name}>
            <td>
              <MonitorStateBadge held={monitor} />
            </td>
            <td>
              <a class="name" href={monitorPath(monitor.name)}>
                <bdi>{monitor.name}</bdi>
              </a>
              <div class="soft small">
                <bdi>{monitor.target}</bdi>, <Schedule schedule={monitor.schedule} />
              </div>
            </td>
            <td>
              <LastRun of={monitor} nowMs={nowMs} />
              <WhoSaysWhat monitor={monitor} />
            </td>
            <td class={monitor.recent.length === 0 ? 'nothing' : undefined}>
              <RecentRuns runs={monitor.recent} />
            </td>
            <td class={`number ${monitor.availability24h === undefined ? 'nothing' : ''}`} data-label="24 h">
              {monitor.availability24h === undefined ? '–' : formatShare(monitor.availability24h)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
