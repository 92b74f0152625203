import { RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Builder } from './kit/dashboard.ts';
import { type DataLink, labelOf, openDashboard } from './kit/links.ts';
import { level, type MetricOptions, quantile, rate } from './kit/metric-panels.ts';

const UPTIME = openDashboard('uptime', 'Uptime overview');
const ALERTS = openDashboard('alerts', 'Alerts and on-call');
const EVALUATIONS = openDashboard('traces', 'Evaluations', { service: 'tocsin-alerting', kind: 'Internal' });
const STATEMENTS = openDashboard('traces', 'Statements', { service: 'tocsin-clickhouse', kind: 'Server' });
const ITS_TRACES = openDashboard('traces', 'Its traces', { service: labelOf('service') });
const LANE = "Attributes['tocsin.clickhouse.lane']";

type Third = (title: string, description: string, metric: string, unit: string, by?: string) => MetricOptions;

/** Panels of one service, a third of a row each; their links lead to what explains them. */
const thirdOf =
  (of: string, ...links: readonly DataLink[]): Third =>
  (title, description, metric, unit, by) => ({
    title,
    description,
    metric,
    unit,
    of,
    width: 8,
    links,
    ...(by === undefined ? {} : { by }),
  });

/** Rows of the checker, alerting, the embedded ClickHouse, the console and what all processes say of themselves. */
export function addOwnProcesses(builder: Builder): void {
  addChecker(builder);
  addAlerting(builder);
  addClickHouse(builder);
  addProcesses(builder);
}

function addChecker(builder: Builder): void {
  const third = thirdOf("ServiceName = 'tocsin-checker'", UPTIME);
  builder
    .withRow(new RowBuilder('Probes'))
    .withPanel(
      quantile({
        ...third('Lateness, p99', '99 of 100 runs began at most this late.', 'tocsin.checker.lateness', 's'),
        quantile: 0.99,
      }),
    )
    .withPanel(
      rate(
        third('Runs', 'Per second, by outcome.', 'tocsin.checker.runs', 'ops', "Attributes['tocsin.probe.outcome']"),
      ),
    )
    .withPanel(
      level({
        ...third(
          'Runs that wait',
          'Due, and without a place to run in.',
          'tocsin.checker.runs.waiting',
          'short',
          "Attributes['reason']",
        ),
        kind: 'gauge',
      }),
    )
    .withPanel(
      level({
        ...third(
          'Results that wait',
          'To be sent to the collector.',
          'tocsin.checker.results.waiting',
          'short',
          "Attributes['stream']",
        ),
        kind: 'gauge',
      }),
    )
    .withPanel(
      rate(
        third(
          'Failed sends',
          'Requests per second to the collector that failed.',
          'tocsin.checker.export.failures',
          'ops',
          "concat(Attributes['stream'], ': ', Attributes['reason'])",
        ),
      ),
    )
    .withPanel(
      rate(
        third(
          'Skipped runs',
          'Runs per second that were left out, by reason.',
          'tocsin.checker.runs.skipped',
          'ops',
          "Attributes['reason']",
        ),
      ),
    );
}

function addAlerting(builder: Builder): void {
  const of = "ServiceName = 'tocsin-alerting'";
  const rules = thirdOf(of, EVALUATIONS);
  const messages = thirdOf(of, ALERTS);
  const group = "Attributes['tocsin.rule.group']";
  builder
    .withRow(new RowBuilder('Rules and messages'))
    .withPanel(
      rate(
        rules(
          'Evaluations',
          'Of rules, per second, by outcome and reason.',
          'tocsin.alerting.rule.evaluations',
          'ops',
          "concat(Attributes['outcome'], if(Attributes['outcome'] = 'ok', '', concat(': ', Attributes['reason'])))",
        ),
      ),
    )
    .withPanel(
      quantile({
        ...rules(
          'Evaluation, p95',
          'How long the query of a rule takes, by group.',
          'tocsin.alerting.rule.evaluation.duration',
          's',
          group,
        ),
        quantile: 0.95,
      }),
    )
    .withPanel(
      rate(
        rules(
          'Missed evaluations',
          'Of a group, per second: skipped because the one before took too long.',
          'tocsin.alerting.rule_group.missed_iterations',
          'ops',
          group,
        ),
      ),
    )
    .withPanel(
      level({
        ...messages('Messages that wait', 'In the outbox.', 'tocsin.alerting.outbox.pending', 'short'),
        kind: 'gauge',
      }),
    )
    .withPanel(
      rate(
        messages(
          'Deliveries',
          'Attempts per second, by channel and outcome.',
          'tocsin.alerting.notifications',
          'ops',
          "concat(Attributes['channel'], ' ', Attributes['outcome'])",
        ),
      ),
    )
    .withPanel(
      level({
        ...messages(
          'History that waits',
          'Lines of the history of incidents that have yet to go to the collector.',
          'tocsin.alerting.oncall.history.waiting',
          'short',
        ),
        kind: 'gauge',
      }),
    );
}

function addClickHouse(builder: Builder): void {
  const third = thirdOf("ServiceName = 'tocsin-clickhouse'", STATEMENTS);
  builder
    .withRow(new RowBuilder('The embedded ClickHouse'))
    .withPanel(
      quantile({
        ...third(
          'Statements, p95',
          'From their arrival to their end, by lane.',
          'tocsin.clickhouse.statement.duration',
          's',
          LANE,
        ),
        quantile: 0.95,
      }),
    )
    .withPanel(
      rate({
        ...third(
          'Statements',
          'Per second, by lane and outcome.',
          'tocsin.clickhouse.statement.duration',
          'ops',
          `concat(${LANE}, ' ', Attributes['tocsin.clickhouse.outcome'])`,
        ),
        histogram: 'Count',
      }),
    )
    .withPanel(
      level({
        ...third('Statements that wait', 'By lane.', 'tocsin.clickhouse.lane.waiting', 'short', LANE),
        kind: 'gauge',
      }),
    );
}

function addProcesses(builder: Builder): void {
  const third = thirdOf("startsWith(ServiceName, 'tocsin-')", ITS_TRACES);
  builder
    .withRow(new RowBuilder('Processes'))
    .withPanel(level({ ...third('Memory', 'Resident.', 'process.memory.usage', 'bytes'), kind: 'sum' }))
    .withPanel(rate(third('CPU time', 'Seconds of each second: 1 is a whole processor.', 'process.cpu.time', 'short')))
    .withPanel(
      level({
        ...third(
          'Event loop delay, p99',
          '99 of 100 turns of the event loop came at most this late.',
          'nodejs.eventloop.delay.p99',
          's',
        ),
        kind: 'gauge',
      }),
    )
    .withPanel(
      rate({
        ...third(
          'Console, requests',
          'Per second, by status.',
          'tocsin.dashboards.requests',
          'reqps',
          "Attributes['http.response.status_code']",
        ),
        of: "ServiceName = 'tocsin-dashboards'",
      }),
    )
    .withPanel(
      quantile({
        ...third(
          'Console, statements, p95',
          'How long its questions to ClickHouse take.',
          'tocsin.dashboards.query.duration',
          's',
          "Attributes['tocsin.query']",
        ),
        of: "ServiceName = 'tocsin-dashboards'",
        quantile: 0.95,
      }),
    )
    .withPanel(level({ ...third('Uptime', 'Since the process began.', 'process.uptime', 's'), kind: 'gauge' }));
}
