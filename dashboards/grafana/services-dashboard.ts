import { type Dashboard, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { finishDashboard, startDashboard } from './kit/dashboard.ts';
import { greenUntil, PLAIN, stat, table, timeseries, traceLinks, unitOf, widthOf } from './kit/panels.ts';
import { readSql } from './kit/read-sql.ts';
import { choiceVariable, consoleVariable, datasourceVariable } from './kit/variables.ts';

const BY_SERVICE = '${__field.labels.service}';

/** Rate, errors and duration of what services are asked, by service and operation, and their latest errors. */
export function servicesDashboard(): Dashboard {
  const builder = startDashboard(
    'tocsin-services',
    'Services',
    'Rate, errors and duration (RED) of requests: spans of kind Server and Consumer.',
  )
    .withVariable(datasourceVariable())
    .withVariable(choiceVariable('service', 'Service', readSql('services/variable-service')))
    .withVariable(choiceVariable('operation', 'Operation', readSql('services/variable-operation')))
    .withVariable(consoleVariable())
    .withPanel(
      stat({
        title: 'Requests',
        description: 'Requests per second, the mean of the time range.',
        sql: readSql('services/stat-rate'),
        unit: 'reqps',
        width: 6,
        thresholds: PLAIN,
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
      }),
    )
    .withPanel(
      stat({
        title: 'Services',
        description: 'Services that answered a request in the time range.',
        sql: readSql('services/stat-services'),
        width: 6,
        thresholds: PLAIN,
      }),
    );
  addSeries(builder);
  addTables(builder);
  return finishDashboard(builder);
}

type Builder = ReturnType<typeof startDashboard>;

function addSeries(builder: Builder): void {
  builder
    .withPanel(
      timeseries({
        title: 'Rate',
        description: 'Requests per second by service.',
        sql: readSql('services/rate'),
        unit: 'reqps',
        width: 12,
        seriesName: BY_SERVICE,
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
      }).axisSoftMax(0.05),
    )
    .withPanel(
      timeseries({
        title: 'Duration',
        description: 'p50, p95 and p99 over all chosen services and operations.',
        sql: readSql('services/durations'),
        unit: 's',
        width: 12,
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
      }),
    );
}

function addTables(builder: Builder): void {
  builder
    .withRow(new RowBuilder('Operations'))
    .withPanel(
      table({
        title: 'Operations',
        description: 'Rate, errors and duration of every operation in the time range, the busiest first.',
        sql: readSql('services/operations'),
        width: 24,
      })
        .overrideByName('rate', unitOf('reqps'))
        .overrideByName('errors', unitOf('percentunit'))
        .overrideByName('p50', unitOf('s'))
        .overrideByName('p95', unitOf('s'))
        .overrideByName('p99', unitOf('s')),
    )
    .withRow(new RowBuilder('Recent errors'))
    .withPanel(
      table({
        title: 'Recent errors',
        description: 'The last 100 spans with status Error, of any kind. The trace opens with a click.',
        sql: readSql('services/recent-errors'),
        width: 24,
        height: 11,
      })
        .overrideByName('time', widthOf(190))
        .overrideByName('duration', [...unitOf('s'), ...widthOf(100)])
        .overrideByName('kind', widthOf(90))
        .overrideByName('status', widthOf(80))
        .overrideByName('trace', traceLinks()),
    );
}
