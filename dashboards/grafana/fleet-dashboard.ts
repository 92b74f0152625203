import { type Dashboard, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { annotate } from './kit/annotations.ts';
import { type Builder, finishDashboard, startDashboard } from './kit/dashboard.ts';
import { columnOf, KEEP, labelOf, linksOf, openConsole, openDashboard } from './kit/links.ts';
import { newestSql } from './kit/metric-panels.ts';
import {
  greenUntil,
  nameLinks,
  outcomeColours,
  PLAIN,
  stat,
  table,
  timeseries,
  unitOf,
  widthOf,
} from './kit/panels.ts';
import { readSql } from './kit/read-sql.ts';
import { nodeGraph } from './kit/special-panels.ts';
import { choiceVariable, consoleVariable, datasourceVariable } from './kit/variables.ts';

const BY_SERVICE = '${__field.labels.service}';
const ITS_SERVICE = openDashboard('services', 'Service', { service: labelOf('service') });
const CHOSEN_SERVICES = openDashboard('services', 'These services', { service: KEEP });
const FAILED = { status: 'Error' } as const;

/** Everything at a glance: services, monitors, alerts, and where to look first. */
export function fleetDashboard(): Dashboard {
  const builder = startDashboard(
    'fleet',
    'Fleet overview',
    'Services, monitors and alerts: what is wrong, and where to look.',
  )
    .withVariable(datasourceVariable())
    .withVariable(choiceVariable('service', 'Service', readSql('fleet/variable-service')))
    .withVariable(consoleVariable());
  annotate(builder);
  addNumbers(builder);
  addSeries(builder);
  addTables(builder);
  return finishDashboard(builder);
}

function addNumbers(builder: Builder): void {
  const width = 3;
  builder
    .withPanel(
      stat({
        title: 'Firing alerts',
        description: 'Alerts that fire at the end of the time range, by rules and pushed by others.',
        sql: newestSql('gauge', 'tocsin.alerting.alerts', "ServiceName = 'tocsin-alerting'"),
        width,
        thresholds: greenUntil(1, 1),
        links: [openDashboard('alerts', 'Alerts and on-call'), openConsole('/', 'Tocsin console')],
      }),
    )
    .withPanel(
      stat({
        title: 'Monitors down',
        description: 'Monitors that are down by the majority of the locations that know. Muted ones are not counted.',
        sql: readSql('fleet/stat-down'),
        width,
        thresholds: greenUntil(1, 1),
        links: [openDashboard('uptime', 'Uptime')],
      }),
    )
    .withPanel(
      stat({
        title: 'Services',
        description: 'Services that sent spans or log records in the time range.',
        sql: readSql('fleet/stat-services'),
        width,
        thresholds: PLAIN,
        links: [CHOSEN_SERVICES],
      }),
    )
    .withPanel(
      stat({
        title: 'Requests',
        description: 'Requests per second, the mean of the time range.',
        sql: readSql('fleet/stat-rate'),
        unit: 'reqps',
        width,
        thresholds: PLAIN,
        links: [CHOSEN_SERVICES],
      }),
    )
    .withPanel(
      stat({
        title: 'Errors',
        description: 'Share of the requests whose span has status Error.',
        sql: readSql('fleet/stat-errors'),
        unit: 'percentunit',
        width: 4,
        thresholds: greenUntil(0.01, 0.05),
        links: [openDashboard('traces', 'Failed spans', { service: KEEP, ...FAILED })],
      }),
    )
    .withPanel(
      stat({
        title: 'p99',
        description: '99 of 100 requests took less.',
        sql: readSql('fleet/stat-p99'),
        unit: 's',
        width: 4,
        thresholds: PLAIN,
        links: [openDashboard('traces', 'Traces', { service: KEEP })],
      }),
    )
    .withPanel(
      stat({
        title: 'Errors logged a minute',
        description: 'Log records of severity ERROR and above, the mean of the time range.',
        sql: readSql('fleet/stat-log-errors'),
        width: 4,
        thresholds: PLAIN,
        links: [openDashboard('logs', 'Logs', { service: KEEP, level: 'error' })],
      }).decimals(1),
    );
}

function addSeries(builder: Builder): void {
  const series = (
    title: string,
    description: string,
    name: 'rate' | 'errors' | 'p99' | 'log-errors',
    unit: string,
  ) => ({
    title,
    description,
    sql: readSql(`fleet/${name}`),
    unit,
    width: 12,
    seriesName: BY_SERVICE,
  });
  const failed = openDashboard('traces', 'Failed spans', { service: labelOf('service'), ...FAILED });
  builder
    .withPanel(timeseries({ ...series('Requests', 'Requests per second.', 'rate', 'reqps'), links: [ITS_SERVICE] }))
    .withPanel(
      timeseries({
        ...series('Errors', 'Share of failed requests.', 'errors', 'percentunit'),
        links: [failed, ITS_SERVICE],
      }).axisSoftMax(0.05),
    )
    .withPanel(
      timeseries({
        ...series('p99', '99 of 100 requests took less.', 'p99', 's'),
        links: [openDashboard('traces', 'Traces', { service: labelOf('service') }), ITS_SERVICE],
      }),
    )
    .withPanel(
      timeseries({
        ...series('Errors logged', 'Log records a minute of severity ERROR and above.', 'log-errors', 'short'),
        links: [openDashboard('logs', 'Logs', { service: labelOf('service'), level: 'error' })],
      }),
    );
}

function addTables(builder: Builder): void {
  const service = columnOf('service');
  builder
    .withRow(new RowBuilder('Services'))
    .withPanel(
      table({
        title: 'Services',
        description: 'Every service that was seen in the time range, with its newest version, the worst first.',
        sql: readSql('fleet/services'),
        width: 24,
        height: 10,
        links: [openDashboard('services', 'Service', { service })],
      })
        .overrideByName('service', nameLinks(openDashboard('services', 'Service', { service })))
        .overrideByName('rate', unitOf('reqps'))
        .overrideByName('errors', [
          ...unitOf('percentunit'),
          ...linksOf(openDashboard('traces', 'Failed spans', { service, ...FAILED })),
        ])
        .overrideByName('p50', unitOf('s'))
        .overrideByName('p99', unitOf('s'))
        .overrideByName('log_errors', linksOf(openDashboard('logs', 'Logs', { service, level: 'error' }))),
    )
    .withPanel(
      nodeGraph({
        title: 'Who calls whom',
        description: 'From the callers’ own spans. On a node and an edge: calls per second, and the share that failed.',
        nodesSql: readSql('fleet/nodes'),
        edgesSql: readSql('fleet/edges'),
        links: [openDashboard('services', 'Service', { service: columnOf('id') })],
      }),
    )
    .withRow(new RowBuilder('Monitors and deployments'))
    .withPanel(
      table({
        title: 'Monitors that are not up',
        description:
          'At the end of the time range, by the majority of the locations that know. An empty table is good news.',
        sql: readSql('fleet/not-up'),
        width: 14,
        links: [openDashboard('monitor', 'Monitor', { monitor: columnOf('monitor') })],
      })
        .overrideByName('monitor', nameLinks(openDashboard('monitor', 'Monitor', { monitor: columnOf('monitor') })))
        .overrideByName('state', outcomeColours())
        .overrideByName('down_since', widthOf(190)),
    )
    .withPanel(
      table({
        title: 'Versions',
        description:
          'Versions of the services, those that run first, and of these the newest: a first sight of a version is a deployment.',
        sql: readSql('services/versions'),
        width: 10,
        links: [],
      }).overrideByName('service', nameLinks(openDashboard('services', 'Service', { service }))),
    );
}
