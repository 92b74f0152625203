import { type Dashboard, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { annotate } from './kit/annotations.ts';
import { type Builder, finishDashboard, startDashboard } from './kit/dashboard.ts';
import { columnOf, KEEP, labelOf, linksOf, openDashboard } from './kit/links.ts';
import { greenUntil, nameLinks, PLAIN, stat, table, timeseries, traceLinks, unitOf, widthOf } from './kit/panels.ts';
import { readSql } from './kit/read-sql.ts';
import { choiceVariable, consoleVariable, datasourceVariable } from './kit/variables.ts';

const BY_SERVICE = '${__field.labels.service}';
const TRACES = openDashboard('traces', 'Traces', { service: KEEP, operation: KEEP });
const FAILED = openDashboard('traces', 'Failed spans', { service: KEEP, operation: KEEP, status: 'Error' });
const SERVICE = labelOf('service');

/** What services are asked, by operation; whom they call and who calls them; instances, versions and the latest errors. */
export function servicesDashboard(): Dashboard {
  const builder = startDashboard(
    'services',
    'Service',
    'Rate, errors and duration (RED) of requests: spans of kind Server and Consumer. Dependencies, instances, versions, errors.',
  )
    .withVariable(datasourceVariable())
    .withVariable(choiceVariable('service', 'Service', readSql('services/variable-service')))
    .withVariable(choiceVariable('operation', 'Operation', readSql('services/variable-operation')))
    .withVariable(consoleVariable());
  annotate(builder, {
    deployed:
      "NOT startsWith(ServiceName, 'tocsin-') AND $__conditionalAll(ServiceName IN (${service:singlequote}), $service)",
    alerted:
      "$__conditionalAll(LogAttributes['tocsin.incident.label.service'] IN ('', ${service:singlequote}), $service)",
  });
  addNumbers(builder);
  addSeries(builder);
  addOperations(builder);
  addDependencies(builder);
  addRunning(builder);
  addErrors(builder);
  return finishDashboard(builder);
}

function addNumbers(builder: Builder): void {
  builder
    .withPanel(
      stat({
        title: 'Requests',
        description: 'Requests per second, the mean of the time range.',
        sql: readSql('services/stat-rate'),
        unit: 'reqps',
        width: 6,
        thresholds: PLAIN,
        links: [TRACES],
      }),
    )
    .withPanel(
      stat({
        title: 'Errors',
        description: 'Share of the requests whose span has status Error.',
        sql: readSql('services/stat-errors'),
        unit: 'percentunit',
        width: 6,
        thresholds: greenUntil(0.01, 0.05),
        links: [FAILED],
      }),
    )
    .withPanel(
      stat({
        title: 'p95',
        description: '95 of 100 requests took less.',
        sql: readSql('services/stat-p95'),
        unit: 's',
        width: 6,
        thresholds: PLAIN,
        links: [TRACES],
      }),
    )
    .withPanel(
      stat({
        title: 'Services',
        description: 'Services that answered a request in the time range.',
        sql: readSql('services/stat-services'),
        width: 6,
        thresholds: PLAIN,
        links: [openDashboard('fleet', 'Fleet overview', { service: KEEP })],
      }),
    );
}

function addSeries(builder: Builder): void {
  const ofService = { service: SERVICE, operation: KEEP } as const;
  const links = [
    openDashboard('traces', 'Its traces', ofService),
    openDashboard('runtime', 'Its runtime', { service: SERVICE }),
  ];
  builder
    .withPanel(
      timeseries({
        title: 'Rate',
        description: 'Requests per second by service.',
        sql: readSql('services/rate'),
        unit: 'reqps',
        width: 12,
        seriesName: BY_SERVICE,
        links,
      }),
    )
    .withPanel(
      timeseries({
        title: 'Errors',
        description: 'Share of failed requests by service.',
        sql: readSql('services/errors'),
        unit: 'percentunit',
        width: 12,
        seriesName: BY_SERVICE,
        links: [
          openDashboard('traces', 'Its failed spans', { ...ofService, status: 'Error' }),
          openDashboard('logs', 'Its errors in the logs', { service: SERVICE, level: ['error', 'fatal'] }),
        ],
      }).axisSoftMax(0.05),
    )
    .withPanel(
      timeseries({
        title: 'Duration',
        description: 'p50, p95 and p99 over all chosen services and operations.',
        sql: readSql('services/durations'),
        unit: 's',
        width: 12,
        links: [TRACES],
      }),
    )
    .withPanel(
      timeseries({
        title: 'p95 by service',
        description: '95 of 100 requests to the service took less.',
        sql: readSql('services/p95-by-service'),
        unit: 's',
        width: 12,
        seriesName: BY_SERVICE,
        links,
      }),
    );
}

function addOperations(builder: Builder): void {
  const its = { service: columnOf('service'), operation: columnOf('operation') };
  builder.withRow(new RowBuilder('Operations')).withPanel(
    table({
      title: 'Operations',
      description: 'Rate, errors and duration of every operation in the time range, the busiest first.',
      sql: readSql('services/operations'),
      width: 24,
      links: [openDashboard('traces', 'Its traces', its)],
    })
      .overrideByName('rate', unitOf('reqps'))
      .overrideByName('errors', [
        ...unitOf('percentunit'),
        ...linksOf(openDashboard('traces', 'Its failed spans', { ...its, status: 'Error' })),
      ])
      .overrideByName('p50', unitOf('s'))
      .overrideByName('p95', unitOf('s'))
      .overrideByName('p99', unitOf('s')),
  );
}

function addDependencies(builder: Builder): void {
  const units = (panel: ReturnType<typeof table>) =>
    panel
      .overrideByName('rate', unitOf('reqps'))
      .overrideByName('errors', unitOf('percentunit'))
      .overrideByName('mean', unitOf('s'))
      .overrideByName('longest', unitOf('s'));
  const calls = { kind: ['Client', 'Producer'] } as const;
  builder
    .withRow(new RowBuilder('Dependencies'))
    .withPanel(
      units(
        table({
          title: 'What they call',
          description:
            'Services, databases, queues and addresses, as the callers’ spans name them, and the service that was seen to answer there.',
          sql: readSql('services/calls'),
          width: 12,
          links: [openDashboard('traces', 'The calls', { service: columnOf('service'), ...calls })],
        }),
      ).overrideByName(
        'answered_by',
        nameLinks(openDashboard('services', 'That service', { service: columnOf('answered_by') })),
      ),
    )
    .withPanel(
      units(
        table({
          title: 'Who calls them',
          description: 'As the callers’ spans tell: durations are what they waited for.',
          sql: readSql('services/callers'),
          width: 12,
          links: [openDashboard('traces', 'The calls', { service: columnOf('caller'), ...calls })],
        }),
      ).overrideByName('caller', nameLinks(openDashboard('services', 'The caller', { service: columnOf('caller') }))),
    );
}

function addRunning(builder: Builder): void {
  const service = columnOf('service');
  builder
    .withRow(new RowBuilder('Instances and versions'))
    .withPanel(
      table({
        title: 'Instances',
        description:
          'Who sent spans in the last minute of the time range, and the share of them that failed: of the three busiest operations of each service.',
        sql: readSql('services/instances'),
        width: 14,
        links: [
          openDashboard('traces', 'Its traces', {
            service,
            attribute: 'service.instance.id',
            value: columnOf('instance'),
          }),
          openDashboard('runtime', 'The runtime', { service }),
        ],
      })
        .overrideByName('errors', unitOf('percentunit'))
        .overrideByName('last_span', widthOf(190)),
    )
    .withPanel(
      table({
        title: 'Versions',
        description: 'By environment, those that run in the time range first, and of these the newest.',
        sql: readSql('services/versions'),
        width: 10,
        links: [],
      }).overrideByName(
        'version',
        linksOf(
          openDashboard('traces', 'Its traces', {
            service,
            attribute: 'service.version',
            value: columnOf('version'),
          }),
        ),
      ),
    );
}

function addErrors(builder: Builder): void {
  builder.withRow(new RowBuilder('Recent errors')).withPanel(
    table({
      title: 'Recent errors',
      description: 'The last 100 spans with status Error, of any kind. The trace opens with a click.',
      sql: readSql('services/recent-errors'),
      width: 24,
      height: 11,
      links: [openDashboard('trace', 'Its trace', { trace_id: columnOf('trace') })],
    })
      .overrideByName('time', widthOf(190))
      .overrideByName('duration', [...unitOf('s'), ...widthOf(100)])
      .overrideByName('kind', widthOf(90))
      .overrideByName('status', widthOf(80))
      .overrideByName('trace', traceLinks()),
  );
}
