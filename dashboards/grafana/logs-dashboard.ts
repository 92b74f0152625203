import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { annotate } from './kit/annotations.ts';
import { finishDashboard, startDashboard } from './kit/dashboard.ts';
import { columnOf, KEEP, labelOf, linksOf, openDashboard } from './kit/links.ts';
import { bars, nameLinks, PLAIN, stat, table, timeseries, traceLinks, unitOf, widthOf } from './kit/panels.ts';
import { readSql } from './kit/read-sql.ts';
import { logs } from './kit/special-panels.ts';
import { choiceVariable, consoleVariable, datasourceVariable, textVariable } from './kit/variables.ts';

/** Log records: how many, of whom, the last ones, and what errors say most. */
export function logsDashboard(): Dashboard {
  const builder = startDashboard(
    'logs',
    'Logs',
    'Log records by service and severity, a search, and what errors say most often.',
  )
    .withVariable(datasourceVariable())
    .withVariable(choiceVariable('service', 'Service', readSql('logs/variable-service')))
    .withVariable(choiceVariable('level', 'Severity', readSql('logs/variable-level')))
    .withVariable(textVariable('search', 'Contains', ''))
    .withVariable(textVariable('trace_id', 'Trace id', ''))
    .withVariable(consoleVariable());
  annotate(builder, { deployed: '$__conditionalAll(ServiceName IN (${service:singlequote}), $service)' });
  const errors = openDashboard('logs', 'Only errors', { service: KEEP, level: ['error', 'fatal'] });
  builder
    .withPanel(
      bars({
        title: 'Records',
        description: 'Of the chosen services and severities, by severity. The search does not narrow them.',
        sql: readSql('logs/volume'),
        width: 16,
        seriesName: '${__field.labels.level}',
        links: [openDashboard('logs', 'Only this severity', { service: KEEP, level: labelOf('level') })],
      }),
    )
    .withPanel(
      stat({
        title: 'Records',
        description: 'Log records of the chosen services and severities in the time range.',
        sql: readSql('logs/stat-records'),
        width: 4,
        height: 8,
        thresholds: PLAIN,
        links: [openDashboard('services', 'The services', { service: KEEP })],
      }),
    )
    .withPanel(
      stat({
        title: 'Errors',
        description: 'Of these, records of severity ERROR and FATAL.',
        sql: readSql('logs/stat-errors'),
        width: 4,
        height: 8,
        thresholds: PLAIN,
        links: [errors],
      }),
    )
    .withPanel(
      logs({
        title: 'Records',
        description: 'The last 500 that fit. A text is looked for in all of the time range, without regard to case.',
        sql: readSql('logs/records'),
        width: 24,
        height: 14,
      }),
    );
  addTables(builder);
  return finishDashboard(builder);
}

function addTables(builder: ReturnType<typeof startDashboard>): void {
  const service = columnOf('service');
  builder
    .withPanel(
      timeseries({
        title: 'Errors by service',
        description: 'Log records of severity ERROR and FATAL in each interval.',
        sql: readSql('logs/errors'),
        width: 12,
        height: 9,
        seriesName: '${__field.labels.service}',
        links: [openDashboard('logs', 'Its records', { service: labelOf('service') })],
      }),
    )
    .withPanel(
      table({
        title: 'Services',
        description: 'How much each service writes, those with most errors first.',
        sql: readSql('logs/services'),
        width: 12,
        links: [openDashboard('logs', 'Its records', { service })],
      })
        .overrideByName('service', nameLinks(openDashboard('services', 'Service', { service })))
        .overrideByName('errors', linksOf(openDashboard('logs', 'Its errors', { service, level: 'error' })))
        .overrideByName('share', unitOf('percentunit')),
    )
    .withPanel(
      table({
        title: 'What warnings and errors say',
        description:
          'The last 5,000 warnings and errors by their text without numbers, the most frequent first; with the newest of each.',
        sql: readSql('logs/patterns'),
        width: 24,
        links: [openDashboard('logs', 'Records of the service', { service, level: columnOf('level') })],
      })
        .overrideByName('records', widthOf(90))
        .overrideByName('last_time', widthOf(190))
        .overrideByName('trace', traceLinks()),
    );
}
