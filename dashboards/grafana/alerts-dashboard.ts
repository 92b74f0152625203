import {
  type Dashboard,
  DashboardLinkBuilder,
  DashboardLinkType,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { annotate } from './kit/annotations.ts';
import { type Builder, finishDashboard, startDashboard } from './kit/dashboard.ts';
import { columnOf, KEEP, labelOf, openConsole, openDashboard } from './kit/links.ts';
import { newestSql, rate, totalSql } from './kit/metric-panels.ts';
import { bars, greenUntil, PLAIN, stat, table, traceLinks, unitOf, widthOf } from './kit/panels.ts';
import { readSql } from './kit/read-sql.ts';
import { alertGroups } from './kit/special-panels.ts';
import { choiceVariable, consoleVariable, datasourceVariable } from './kit/variables.ts';

const ALERTING = "ServiceName = 'tocsin-alerting'";
const CONSOLE = openConsole('/', 'Tocsin console');
const SELF = openDashboard('self', 'Tocsin itself');
const TIMELINE = openDashboard('logs', 'The timeline in the logs', { service: 'tocsin-alerting' });

/** What fires now, as the Alertmanager API has it, and what became of it: incidents, who was told, who took them on. */
export function alertsDashboard(): Dashboard {
  const builder = startDashboard('alerts', 'Alerts and on-call', 'What fires, who was told, and how long it took.')
    .time({ from: 'now-24h', to: 'now' })
    .link(alerting('Silences', '/alerting/silences'))
    .link(alerting('Alert groups', '/alerting/groups'))
    .withVariable(datasourceVariable())
    .withVariable(choiceVariable('receiver', 'Receiver', readSql('alerts/variable-receiver')))
    .withVariable(choiceVariable('severity', 'Severity', readSql('alerts/variable-severity')))
    .withVariable(consoleVariable());
  annotate(builder);
  addNumbers(builder);
  builder.withPanel(
    alertGroups({
      title: 'Firing now',
      description: 'From the Alertmanager data source “Tocsin alerts”, by group; silenced and inhibited ones too.',
    }),
  );
  addIncidents(builder);
  addDeliveries(builder);
  return finishDashboard(builder);
}

/** Grafana's own pages, with our Alertmanager chosen. */
function alerting(title: string, path: string): DashboardLinkBuilder {
  return new DashboardLinkBuilder(title)
    .type(DashboardLinkType.Link)
    .url(`${path}?alertmanager=Tocsin%20alerts`)
    .icon('bell');
}

function addNumbers(builder: Builder): void {
  const number = (title: string, description: string, sql: string, unit: string, links = [CONSOLE]) =>
    stat({ title, description, sql, unit, width: 4, thresholds: PLAIN, links });
  builder
    .withPanel(
      number(
        'Firing',
        'Alerts that fire at the end of the time range.',
        newestSql('gauge', 'tocsin.alerting.alerts', ALERTING),
        'short',
      ),
    )
    .withPanel(
      number(
        'Open incidents',
        'Incidents of receivers with an escalation that are not over at the end of the time range.',
        newestSql('gauge', 'tocsin.alerting.oncall.incidents', ALERTING),
        'short',
      ),
    )
    .withPanel(
      number(
        'Incidents',
        'Incidents that began or came back in the time range.',
        readSql('alerts/stat-incidents'),
        'short',
        [TIMELINE],
      ),
    )
    .withPanel(
      number(
        'To acknowledge',
        'The mean from the beginning until somebody took it on, of incidents that began in the time range.',
        readSql('alerts/stat-acknowledged'),
        's',
        [TIMELINE],
      ),
    )
    .withPanel(
      number(
        'To resolve',
        'The mean from the beginning until all was over, of incidents that began in the time range.',
        readSql('alerts/stat-resolved'),
        's',
        [TIMELINE],
      ),
    )
    .withPanel(
      stat({
        title: 'Messages that failed',
        description: 'Attempts to deliver a message that failed for good in the time range.',
        sql: totalSql('tocsin.alerting.notifications', `${ALERTING} AND Attributes['outcome'] = 'failed'`),
        width: 4,
        thresholds: greenUntil(1, 1),
        links: [
          openDashboard('traces', 'Failed deliveries', {
            service: 'tocsin-alerting',
            kind: 'Producer',
            status: 'Error',
          }),
        ],
      }),
    );
}

function addIncidents(builder: Builder): void {
  const itsLogs = openDashboard('logs', 'Its timeline in the logs', { service: 'tocsin-alerting' });
  builder
    .withRow(new RowBuilder('Incidents'))
    .withPanel(
      bars({
        title: 'Incidents',
        description: 'Incidents that began or came back in each interval, by severity.',
        sql: readSql('alerts/fired'),
        width: 16,
        seriesName: '${__field.labels.severity}',
        links: [openDashboard('alerts', 'Only this severity', { severity: labelOf('severity'), receiver: KEEP })],
      }).interval('1m'),
    )
    .withPanel(
      table({
        title: 'Nobody on call',
        description:
          'How long nobody is on call in the next four weeks, by schedule. Who is on call now is in the console.',
        sql: readSql('alerts/gaps'),
        width: 8,
        height: 8,
        links: [CONSOLE],
      }).overrideByName('nobody_on_call', unitOf('s')),
    )
    .withPanel(
      table({
        title: 'Incidents of the time range',
        description:
          'Those of receivers with an escalation: only they have a history. The open ones first. “nobody” counts the times that nobody could be told.',
        sql: readSql('alerts/incidents'),
        width: 24,
        height: 10,
        links: [itsLogs],
      })
        .overrideByName('fired', widthOf(190))
        .overrideByName('to_acknowledge', unitOf('s'))
        .overrideByName('to_resolve', unitOf('s')),
    )
    .withPanel(
      table({
        title: 'Timeline',
        description: 'The last 300 lines of the timelines of the incidents.',
        sql: readSql('alerts/timeline'),
        width: 24,
        height: 10,
        links: [],
      }).overrideByName('time', widthOf(190)),
    );
}

function addDeliveries(builder: Builder): void {
  builder
    .withRow(new RowBuilder('Messages'))
    .withPanel(
      rate({
        title: 'Messages',
        description: 'Attempts to deliver messages per second, by outcome.',
        metric: 'tocsin.alerting.notifications',
        of: ALERTING,
        by: "concat(Attributes['outcome'], if(Attributes['reason'] IN ('', 'none'), '', concat(': ', Attributes['reason'])))",
        unit: 'ops',
        width: 12,
        links: [SELF],
      }),
    )
    .withPanel(
      rate({
        title: 'Alerts left out of messages',
        description: 'Per second: silenced, inhibited, or within a time interval.',
        metric: 'tocsin.alerting.muted',
        of: ALERTING,
        by: "Attributes['reason']",
        unit: 'ops',
        width: 12,
        links: [CONSOLE],
      }),
    )
    .withPanel(
      table({
        title: 'Deliveries',
        description: 'Attempts in the time range, those that failed first.',
        sql: readSql('alerts/deliveries'),
        width: 24,
        height: 10,
        links: [openDashboard('trace', 'Its trace', { trace_id: columnOf('trace') })],
      })
        .overrideByName('time', widthOf(190))
        .overrideByName('duration', unitOf('s'))
        .overrideByName('trace', traceLinks()),
    );
}
