import { formatShare } from '../../../../src/html/format.ts';
import type { DayView, Home } from '../../../../src/home/contract-types.ts';
import type { MonitorView } from '../../../../src/overview/monitor-types.ts';
import type { Part } from '../../../../src/part-types.ts';
import { Bars } from '../../parts/bars.tsx';
import { LastRun, monitorPath, MonitorStateBadge, Schedule, WhoSaysWhat } from '../../parts/monitor-words.tsx';
import { Empty, Notice, PartOf } from '../../parts/notices.tsx';
import { Panel } from '../../parts/panel.tsx';
import { barOfDay, shareOfDays } from './days.ts';
import { groupMonitors } from './groups.ts';

type Days = Readonly<Record<string, readonly DayView[]>>;

/** Every monitor with its state and its last 90 days, by group, the worst first. */
export function MonitorsPanel({
  monitors,
  days,
  nowMs,
}: {
  readonly monitors: Part<readonly MonitorView[]>;
  readonly days: Home['days'] | undefined;
  readonly nowMs: number;
}) {
  return (
    <Panel title="Monitors" aside="days of UTC, the oldest at the left">
      {days?.status === 'unavailable' && monitors.status === 'ok' && <Notice>{days.message}</Notice>}
      <PartOf part={monitors}>
        {(list) =>
          list.length === 0 ? (
            <NoMonitor />
          ) : (
            <Table monitors={list} days={days?.status === 'ok' ? days.value : {}} nowMs={nowMs} />
          )
        }
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

function Table({
  monitors,
  days,
  nowMs,
}: {
  readonly monitors: readonly MonitorView[];
  readonly days: Days;
  readonly nowMs: number;
}) {
  const groups = groupMonitors(monitors);
  return (
    <table class="cards monitors">
      <thead>
        <tr>
          <th scope="col">State</th>
          <th scope="col">Monitor</th>
          <th scope="col">Last result</th>
          <th scope="col">90 days</th>
          <th scope="col" class="number">
            90 days
          </th>
          <th scope="col" class="number">
            24 h
          </th>
        </tr>
      </thead>
      {groups.map(({ name, members }) => (
        <tbody key={name}>
          {groups.length > 1 && (
            <tr class="group">
              <th scope="rowgroup" colSpan={6}>
                {name === '' ? 'Without a group' : <bdi>{name}</bdi>}
              </th>
            </tr>
          )}
          {members.map((monitor) => (
            <Row key={monitor.name} monitor={monitor} days={days[monitor.name] ?? []} nowMs={nowMs} />
          ))}
        </tbody>
      ))}
    </table>
  );
}

function Row({
  monitor,
  days,
  nowMs,
}: {
  readonly monitor: MonitorView;
  readonly days: readonly DayView[];
  readonly nowMs: number;
}) {
  const { name, target, schedule, availability24h } = monitor;
  const share = shareOfDays(days);
  const words = share === undefined ? 'no run in 90 days' : `${formatShare(share)} of the runs of 90 days found it up`;
  return (
    <tr>
      <td>
        <MonitorStateBadge held={monitor} />
      </td>
      <td>
        <a class="name" href={monitorPath(name)}>
          <bdi>{name}</bdi>
        </a>
        <div class="soft small">
          <bdi>{target}</bdi>, <Schedule schedule={schedule} />
        </div>
      </td>
      <td>
        <LastRun of={monitor} nowMs={nowMs} />
        <WhoSaysWhat monitor={monitor} />
      </td>
      <td class={days.length === 0 ? 'nothing' : undefined}>
        {days.length > 0 && <Bars bars={days.map(barOfDay)} label={`${name}: ${words}`} />}
      </td>
      <td class={`number ${share === undefined ? 'nothing' : ''}`} data-label="90 days">
        {share === undefined ? '–' : formatShare(share)}
      </td>
      <td class={`number ${availability24h === undefined ? 'nothing' : ''}`} data-label="24 h">
        {availability24h === undefined ? '–' : formatShare(availability24h)}
      </td>
    </tr>
  );
}
