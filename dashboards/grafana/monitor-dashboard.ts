import { StackingConfigBuilder, StackingMode } from '@grafana/grafana-foundation-sdk/common';
import { type Dashboard, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { annotate } from './kit/annotations.ts';
import { type Builder, finishDashboard, startDashboard } from './kit/dashboard.ts';
import { columnOf, KEEP, linksOf, openConsole, openDashboard } from './kit/links.ts';
import {
  bars,
  greenUntil,
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
import { consoleVariable, datasourceVariable, oneVariable } from './kit/variables.ts';

const WORDS = wordsOf({
  '0': ['Unknown', 'purple'],
  '1': ['Down', 'red'],
  '2': ['Degraded', 'yellow'],
  '3': ['Up', 'green'],
});
const CONSOLE = openConsole('/monitor/${monitor:percentencode}', 'Monitor in the Tocsin console');
const OVERVIEW = openDashboard('uptime', 'Uptime overview', { monitor: KEEP });
const RUNS = { service: 'tocsin-checker', kind: 'Client', operation: 'probe%20${monitor:percentencode}' } as const;
const FAILED_RUNS = openDashboard('traces', 'Its failed runs', { ...RUNS, status: 'Error' });
const ALL_RUNS = openDashboard('traces', 'Its runs', RUNS);
const ITS_TRACE = openDashboard('trace', 'Its trace', { trace_id: columnOf('trace') });

/** One monitor: its state at each location, where the time goes, its certificate, and why runs failed. */
export function monitorDashboard(): Dashboard {
  const builder = startDashboard('monitor', 'Monitor', 'One monitor, from every location.')
    .withVariable(datasourceVariable())
    .withVariable(oneVariable('monitor', 'Monitor', readSql('uptime/variable-monitor')))
    .withVariable(consoleVariable());
  annotate(builder, { alerted: "LogAttributes['tocsin.incident.label.monitor'] IN ('', ${monitor:singlequote})" });
  addNumbers(builder);
  addStates(builder);
  addDurations(builder);
  addFailures(builder);
  return finishDashboard(builder);
}

function addNumbers(builder: Builder): void {
  builder
    .withPanel(
      stat({
        title: 'State',
        description:
          'What the majority of the locations that know says at the end of the time range, as the rule MonitorDown sees it.',
        sql: readSql('monitor/stat-state'),
        width: 5,
        thresholds: PLAIN,
        links: [openDashboard('alerts', 'Alerts and on-call'), CONSOLE],
      }).mappings(WORDS),
    )
    .withPanel(
      stat({
        title: 'Availability',
        description:
          'Runs that found the target up or degraded, of those and the ones that found it down. Unknown runs say nothing about it, and maintenance is left out as configured. From two days on: of the hours that begin in the time range.',
        sql: readSql('uptime/stat-availability'),
        unit: 'percentunit',
        width: 5,
        thresholds: redUntil(0.99, 0.999),
        links: [FAILED_RUNS, CONSOLE],
      }).decimals(3),
    )
    .withPanel(
      stat({
        title: 'Failed runs',
        description: 'Runs that found the target down in the time range, over all locations.',
        sql: readSql('monitor/stat-failed'),
        width: 4,
        thresholds: greenUntil(1, 1),
        links: [FAILED_RUNS],
      }),
    )
    .withPanel(
      stat({
        title: 'p95',
        description: '95 of 100 runs took less, over all locations.',
        sql: readSql('monitor/stat-p95'),
        unit: 's',
        width: 5,
        thresholds: PLAIN,
        links: [ALL_RUNS],
      }),
    )
    .withPanel(
      stat({
        title: 'Next certificate',
        description: 'Days until the first certificate expires.',
        sql: readSql('uptime/stat-certificate'),
        unit: 'd',
        width: 5,
        thresholds: redUntil(7, 21),
        links: [CONSOLE],
      }).decimals(1),
    );
}

function addStates(builder: Builder): void {
  builder
    .withPanel(
      stateTimeline({
        title: 'States by location',
        description: 'What each location says, the worst of the interval. Gaps: it told nothing.',
        sql: readSql('monitor/states'),
        width: 24,
        height: 6,
        seriesName: '${__field.labels.location}',
        links: [ALL_RUNS],
        words: WORDS,
      }),
    )
    .withPanel(
      table({
        title: 'Locations',
        description: 'What each location says, with its last run and why.',
        sql: readSql('uptime/locations'),
        width: 14,
        height: 7,
        links: [ITS_TRACE],
      })
        .overrideByName('state', outcomeColours())
        .overrideByName('last_run', widthOf(190))
        .overrideByName('trace', traceLinks()),
    )
    .withPanel(
      bars({
        title: 'Availability by day',
        description: 'The last 90 days (UTC, with today), whatever the time range; maintenance left out as configured.',
        sql: readSql('monitor/days'),
        unit: 'percentunit',
        width: 10,
        height: 7,
        links: [OVERVIEW],
      })
        .timeFrom('90d')
        .hideTimeOverride(false)
        .max(1),
    );
}

function addDurations(builder: Builder): void {
  builder
    .withRow(new RowBuilder('Durations'))
    .withPanel(
      timeseries({
        title: 'Phases',
        description: 'Where the time goes: the mean of each phase over all locations, stacked.',
        sql: readSql('uptime/phases'),
        unit: 's',
        width: 12,
        seriesName: '${__field.labels.phase}',
        links: [ALL_RUNS],
      })
        .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'))
        .fillOpacity(60)
        .lineWidth(1),
    )
    .withPanel(
      timeseries({
        title: 'Total duration by location, p95',
        description: '95 of 100 runs took less, from resolving the name to the last byte.',
        sql: readSql('monitor/durations'),
        unit: 's',
        width: 12,
        seriesName: '${__field.labels.location}',
        links: [ALL_RUNS],
      }),
    );
}

function addFailures(builder: Builder): void {
  builder
    .withRow(new RowBuilder('Failures and certificates'))
    .withPanel(
      bars({
        title: 'Runs by outcome',
        description: 'Runs of all locations in each interval.',
        sql: readSql('monitor/outcomes'),
        width: 14,
        seriesName: '${__field.labels.outcome}',
        links: [FAILED_RUNS],
      }),
    )
    .withPanel(
      table({
        title: 'Certificates and registration',
        description: 'When what the locations saw ends. Empty where the monitor has no certificate.',
        sql: readSql('monitor/certificates'),
        width: 10,
        height: 8,
        links: [OVERVIEW],
      }).overrideByName('days', [...unitOf('d'), { id: 'decimals', value: 1 }]),
    )
    .withPanel(
      table({
        title: 'Last failures',
        description: 'The last 100 runs that were not up, with their reasons and what the target said.',
        sql: readSql('monitor/failures'),
        width: 24,
        height: 10,
        links: [ITS_TRACE],
      })
        .overrideByName('time', widthOf(190))
        .overrideByName('outcome', outcomeColours())
        .overrideByName('duration', [...unitOf('s'), ...widthOf(100), ...linksOf(ITS_TRACE)])
        .overrideByName('status', widthOf(80))
        .overrideByName('attempt', widthOf(80))
        .overrideByName('trace', traceLinks()),
    );
}
