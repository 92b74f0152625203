import { StackingMode } from '@grafana/grafana-foundation-sdk/common';
import { StackingConfigBuilder } from '@grafana/grafana-foundation-sdk/common';
import { type Dashboard, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { annotate } from './kit/annotations.ts';
import { type Builder, finishDashboard, startDashboard } from './kit/dashboard.ts';
import { columnOf, KEEP, labelOf, openConsole, openDashboard } from './kit/links.ts';
import {
  bars,
  greenUntil,
  nameLinks,
  outcomeColours,
  PLAIN,
  redUntil,
  stat,
  table,
  timeseries,
  traceLinks,
  unitOf,
  widthOf,
} from './kit/panels.ts';
import { readSql } from './kit/read-sql.ts';
import { stateTimeline, wordsOf } from './kit/special-panels.ts';
import { choiceVariable, consoleVariable, datasourceVariable } from './kit/variables.ts';

const BY_MONITOR = '${__field.labels.monitor}';
const ITS_MONITOR = openDashboard('monitor', 'Monitor', { monitor: labelOf('monitor') });
const ROW_MONITOR = openDashboard('monitor', 'Monitor', { monitor: columnOf('monitor') });
const MONITOR_NAME = nameLinks(
  ROW_MONITOR,
  openConsole(`/monitor/${columnOf('monitor')}`, 'Monitor in the Tocsin console'),
);

/** What is watched from outside: states, availability, where the time goes, failures with their reasons, certificates. */
export function uptimeDashboard(): Dashboard {
  const builder = startDashboard('uptime', 'Uptime overview', 'Monitors as the checker sees them from outside.')
    .withVariable(datasourceVariable())
    .withVariable(choiceVariable('monitor', 'Monitor', readSql('uptime/variable-monitor')))
    .withVariable(consoleVariable());
  annotate(builder, {
    alerted:
      "$__conditionalAll(LogAttributes['tocsin.incident.label.monitor'] IN ('', ${monitor:singlequote}), $monitor)",
  });
  addNumbers(builder);
  addStates(builder);
  addPeriods(builder);
  addDurations(builder);
  addFailures(builder);
  return finishDashboard(builder);
}

function addNumbers(builder: Builder): void {
  builder
    .withPanel(
      stat({
        title: 'Down',
        description:
          'Monitors that are down at the end of the time range by the majority of the locations that know, as the rule MonitorDown sees it. Muted ones are not counted.',
        sql: readSql('uptime/stat-failing'),
        width: 6,
        links: [openDashboard('alerts', 'Alerts and on-call')],
        thresholds: greenUntil(1, 1),
      }),
    )
    .withPanel(
      stat({
        title: 'Watched',
        description: 'Monitors in the newest lists that the checkers sent.',
        sql: readSql('uptime/stat-monitors'),
        width: 6,
        links: [openConsole('/', 'Monitors in the console')],
        thresholds: PLAIN,
      }),
    )
    .withPanel(
      stat({
        title: 'Availability',
        description:
          'Runs that found the target up or degraded, of those and the ones that found it down. Unknown runs say nothing about it, and maintenance is left out as configured. From two days on: of the hours that begin in the time range.',
        sql: readSql('uptime/stat-availability'),
        links: [openDashboard('monitor', 'Monitor', { monitor: KEEP })],
        unit: 'percentunit',
        width: 6,
        thresholds: redUntil(0.99, 0.999),
      }).decimals(2),
    )
    .withPanel(
      stat({
        title: 'Next certificate',
        description: 'Days until the first certificate expires.',
        sql: readSql('uptime/stat-certificate'),
        links: [openDashboard('monitor', 'Monitor', { monitor: KEEP })],
        unit: 'd',
        width: 6,
        thresholds: redUntil(7, 21),
      }).decimals(1),
    );
}

function addStates(builder: Builder): void {
  builder
    .withPanel(
      stateTimeline({
        title: 'States',
        description:
          'What is confirmed: down where more than half of the locations that know found it so at any moment of the interval, divided where half did. Gaps: nothing is known.',
        sql: readSql('uptime/states'),
        width: 24,
        seriesName: BY_MONITOR,
        links: [ITS_MONITOR],
        words: wordsOf({ '0': ['Down', 'red'], '0.5': ['Divided', 'yellow'], '1': ['Up', 'green'] }),
      }),
    )
    .withPanel(
      table({
        title: 'Monitors',
        description:
          'Every monitor with what the majority of the locations that know says at the end of the time range (the rule MonitorDown goes by the same), its last run and the time range in numbers, the worst first.',
        sql: readSql('uptime/monitors'),
        links: [ROW_MONITOR],
        width: 24,
      })
        .overrideByName('monitor', MONITOR_NAME)
        .overrideByName('state', outcomeColours())
        .overrideByName('last_run', widthOf(190))
        .overrideByName('availability', unitOf('percentunit'))
        .overrideByName('p50', unitOf('s'))
        .overrideByName('p95', unitOf('s'))
        .overrideByName('interval', unitOf('s'))
        .overrideByName('trace', traceLinks()),
    )
    .withPanel(
      table({
        title: 'Locations',
        description: 'What each location says of each monitor, with its own last run and why.',
        sql: readSql('uptime/locations'),
        links: [ROW_MONITOR],
        width: 24,
      })
        .overrideByName('monitor', MONITOR_NAME)
        .overrideByName('state', outcomeColours())
        .overrideByName('last_run', widthOf(190))
        .overrideByName('trace', traceLinks()),
    );
}

/** Its ranges are its own: they do not follow the time range of the dashboard. */
function addPeriods(builder: Builder): void {
  const panel = table({
    title: 'Availability and response times',
    description:
      'Availability of the last 24 hours and of 7 to 365 days (of UTC, with today), maintenance left out as configured. Response times of the runs that were not down, over 30 days.',
    sql: readSql('uptime/availability'),
    links: [ROW_MONITOR],
    width: 24,
  });
  for (const period of ['24h', '7d', '30d', '90d', '365d'])
    panel.overrideByName(period, [...unitOf('percentunit'), { id: 'decimals', value: 3 }]);
  for (const quantile of ['p50', 'p95', 'p99']) panel.overrideByName(quantile, unitOf('s'));
  builder.withPanel(panel);
}

function addDurations(builder: Builder): void {
  builder
    .withRow(new RowBuilder('Durations'))
    .withPanel(
      timeseries({
        title: 'Total duration, p95',
        description: '95 of 100 runs took less, from resolving the name to the last byte.',
        sql: readSql('uptime/durations'),
        links: [ITS_MONITOR],
        unit: 's',
        width: 16,
        seriesName: BY_MONITOR,
      }),
    )
    .withPanel(
      timeseries({
        title: 'Lateness',
        description: 'How late runs started against their schedule: trouble of the checker, not of the target.',
        sql: readSql('uptime/lateness'),
        links: [ITS_MONITOR],
        unit: 's',
        width: 8,
        seriesName: BY_MONITOR,
      }),
    )
    .withPanel(
      timeseries({
        title: 'Phases of $monitor',
        description: 'Where the time goes: the mean of each phase, stacked.',
        sql: readSql('uptime/phases'),
        links: [openDashboard('monitor', 'Monitor', { monitor: KEEP })],
        unit: 's',
        width: 24,
        seriesName: '${__field.labels.phase}',
      })
        .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'))
        .fillOpacity(60)
        .lineWidth(1)
        .repeat('monitor')
        .repeatDirection('h')
        .maxPerRow(3),
    );
}

function addFailures(builder: Builder): void {
  builder
    .withRow(new RowBuilder('Failures and certificates'))
    .withPanel(
      bars({
        title: 'Runs that were not up',
        description: 'Down, degraded and unknown runs by monitor and reason.',
        sql: readSql('uptime/failures-by-reason'),
        links: [ITS_MONITOR],
        width: 14,
        seriesName: '${__field.labels.monitor}: ${__field.labels.reason}',
      }),
    )
    .withPanel(
      table({
        title: 'Certificates',
        description: 'When the earliest certificate of each chain expires.',
        sql: readSql('uptime/certificates'),
        links: [ROW_MONITOR],
        width: 10,
        height: 8,
      }).overrideByName('days', [...unitOf('d'), { id: 'decimals', value: 1 }]),
    )
    .withPanel(
      table({
        title: 'Failures',
        description: 'The last 200 runs that were not up, with their reasons. The trace shows what happened inside.',
        sql: readSql('uptime/failures'),
        links: [openDashboard('trace', 'Its trace', { trace_id: columnOf('trace') })],
        width: 24,
        height: 10,
      })
        .overrideByName('time', widthOf(190))
        .overrideByName('monitor', MONITOR_NAME)
        .overrideByName('outcome', outcomeColours())
        .overrideByName('duration', [...unitOf('s'), ...widthOf(100)])
        .overrideByName('status', widthOf(80))
        .overrideByName('trace', traceLinks()),
    );
}
