import { type Dashboard, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { annotate } from './kit/annotations.ts';
import { type Builder, finishDashboard, startDashboard } from './kit/dashboard.ts';
import { type DataLink, openDashboard } from './kit/links.ts';
import { level, type MetricOptions, newestSql, quantile, rate, totalSql } from './kit/metric-panels.ts';
import { greenUntil, redUntil, stat, table, timeseries, unitOf } from './kit/panels.ts';
import { readSql } from './kit/read-sql.ts';
import { addOwnProcesses } from './self-processes.ts';
import { consoleVariable, datasourceVariable } from './kit/variables.ts';

const COLLECTOR = "ServiceName = 'tocsin-collector'";
const LOADS = openDashboard('traces', 'Loads of segments', { service: 'tocsin-collector', kind: 'Internal' });
const DISK = "Attributes['disk']";
const SIGNAL = "Attributes['signal']";
/** Of one service, a third of a row. */
const ofCollector = (
  title: string,
  description: string,
  metric: string,
  unit: string,
  by: string | undefined,
  links: readonly DataLink[],
): MetricOptions => ({
  title,
  description,
  metric,
  unit,
  of: COLLECTOR,
  width: 8,
  links,
  ...(by === undefined ? {} : { by }),
});

const FLEET = openDashboard('fleet', 'Fleet overview');
const OWN_ALERTS = openDashboard('alerts', 'Alerts and on-call');

/** Tocsin by its own telemetry: what comes in, what waits, what is refused; probes, rules, messages and the processes. */
export function selfDashboard(): Dashboard {
  const builder = startDashboard(
    'self',
    'Tocsin itself',
    'Ingest, journal, ClickHouse, probes, rules, messages and processes of Tocsin.',
  )
    .withVariable(datasourceVariable())
    .withVariable(consoleVariable());
  annotate(builder, { deployed: "startsWith(ServiceName, 'tocsin-')" });
  addNumbers(builder);
  addIngest(builder);
  addJournal(builder);
  addTables(builder);
  addOwnProcesses(builder);
  return finishDashboard(builder);
}

/** A sixth of a row. */
const number = (title: string, description: string, sql: string, unit = 'short') => ({
  title,
  description,
  sql,
  unit,
  width: 4,
});

function addNumbers(builder: Builder): void {
  builder
    .withPanel(
      stat({
        ...number(
          'Journal',
          'Bytes that are not in ClickHouse yet.',
          newestSql('gauge', 'tocsin.collector.journal.size', COLLECTOR),
          'bytes',
        ),
        thresholds: greenUntil(200e6, 1e9),
        links: [LOADS],
      }),
    )
    .withPanel(
      stat({
        ...number(
          'Oldest segment',
          'How old the oldest is of what is not in ClickHouse yet.',
          newestSql('gauge', 'tocsin.collector.journal.oldest_age', COLLECTOR, 'max'),
          's',
        ),
        thresholds: greenUntil(30, 300),
        links: [LOADS],
      }),
    )
    .withPanel(
      stat({
        ...number(
          'Dead letters',
          'Requests in the dead-letter folder.',
          newestSql('gauge', 'tocsin.collector.dead_letters.kept', COLLECTOR),
        ),
        thresholds: greenUntil(1, 1),
        links: [
          openDashboard('traces', 'Loads that refused some', {
            service: 'tocsin-collector',
            kind: 'Internal',
            status: 'Error',
          }),
        ],
      }),
    )
    .withPanel(
      stat({
        ...number(
          'Refused requests',
          'Export requests that were refused in the time range.',
          totalSql('tocsin.collector.requests', `${COLLECTOR} AND Attributes['outcome'] = 'refused'`),
        ),
        thresholds: greenUntil(1, 1_000),
        links: [OWN_ALERTS],
      }),
    )
    .withPanel(
      stat({
        ...number(
          'Failed evaluations',
          'Evaluations of rules that failed in the time range.',
          totalSql(
            'tocsin.alerting.rule.evaluations',
            "ServiceName = 'tocsin-alerting' AND Attributes['outcome'] = 'failed'",
          ),
        ),
        thresholds: greenUntil(1, 100),
        links: [openDashboard('traces', 'Evaluations', { service: 'tocsin-alerting', kind: 'Internal' })],
      }),
    )
    .withPanel(
      stat({
        ...number('Disk free', "The part of ClickHouse's disk that is free.", readSql('self/stat-disk'), 'percentunit'),
        thresholds: redUntil(0.1, 0.2),
        links: [OWN_ALERTS],
      }),
    );
}

function addIngest(builder: Builder): void {
  builder
    .withRow(new RowBuilder('Ingest'))
    .withPanel(
      rate({
        ...ofCollector(
          'Accepted',
          'Spans, data points and log records per second.',
          'tocsin.collector.items',
          'ops',
          SIGNAL,
          [FLEET],
        ),
      }),
    )
    .withPanel(
      rate({
        ...ofCollector(
          'Accepted bytes',
          'Per second, as protobuf without compression.',
          'tocsin.collector.bytes',
          'Bps',
          SIGNAL,
          [FLEET],
        ),
      }),
    )
    .withPanel(
      rate({
        ...ofCollector(
          'Requests',
          'Export requests per second, by outcome and why they were refused.',
          'tocsin.collector.requests',
          'reqps',
          "concat(Attributes['outcome'], if(Attributes['reason'] = '', '', concat(': ', Attributes['reason'])))",
          [OWN_ALERTS],
        ),
      }),
    );
}

function addJournal(builder: Builder): void {
  builder
    .withRow(new RowBuilder('Journal and load'))
    .withPanel(
      timeseries({
        title: 'Journal',
        description: 'Bytes that are not in ClickHouse yet, and the most that may be: beyond it requests are refused.',
        sql: readSql('self/journal'),
        unit: 'bytes',
        width: 8,
        links: [LOADS],
      }).interval('1m'),
    )
    .withPanel(
      level({
        ...ofCollector(
          'Lag',
          'The longest of each interval, from being accepted to being queryable.',
          'tocsin.collector.load.lag',
          's',
          SIGNAL,
          [LOADS],
        ),
        kind: 'gauge',
      }),
    )
    .withPanel(
      level({
        ...ofCollector(
          'Oldest segment',
          'How old the oldest is of what is not in ClickHouse yet.',
          'tocsin.collector.journal.oldest_age',
          's',
          undefined,
          [LOADS],
        ),
        kind: 'gauge',
      }),
    )
    .withPanel(
      quantile({
        ...ofCollector(
          'Load, p95',
          'From reading a segment to ClickHouse having confirmed it.',
          'tocsin.collector.load.duration',
          's',
          SIGNAL,
          [LOADS],
        ),
        quantile: 0.95,
      }),
    )
    .withPanel(
      rate({
        ...ofCollector(
          'Loaded',
          'Spans, data points and log records per second.',
          'tocsin.collector.loaded.items',
          'ops',
          SIGNAL,
          [LOADS],
        ),
      }),
    )
    .withPanel(
      rate({
        ...ofCollector(
          'Failed attempts',
          'Attempts at a segment that failed, per second, by reason.',
          'tocsin.collector.load.retries',
          'ops',
          "concat(Attributes['signal'], ': ', Attributes['reason'])",
          [OWN_ALERTS],
        ),
      }),
    );
}

function addTables(builder: Builder): void {
  builder
    .withRow(new RowBuilder('Tables and disks'))
    .withPanel(
      timeseries({
        title: 'Parts',
        description: 'Pieces that a table is in, in the partition that has most: many mean that merges do not keep up.',
        sql: readSql('self/parts'),
        width: 8,
        seriesName: '${__field.labels.table}',
        links: [LOADS],
      }).interval('1m'),
    )
    .withPanel(
      level({
        ...ofCollector(
          'Free on the disk of ClickHouse',
          'By disk, as ClickHouse says.',
          'tocsin.collector.disk.free',
          'bytes',
          DISK,
          [OWN_ALERTS],
        ),
        kind: 'gauge',
      }),
    )
    .withPanel(
      level({
        ...ofCollector(
          "Free on the journal's disk",
          'Below the low water mark requests are refused.',
          'tocsin.collector.journal.disk.free',
          'bytes',
          undefined,
          [OWN_ALERTS],
        ),
        kind: 'gauge',
      }),
    )
    .withPanel(
      table({
        title: 'Kept for',
        description:
          'How long ClickHouse keeps each table, whether that is as configured (1) or not (0), and its parts. Empty: for ever.',
        sql: readSql('self/retention'),
        width: 24,
        height: 7,
        links: [OWN_ALERTS],
      }).overrideByName('kept', unitOf('s')),
    );
}
