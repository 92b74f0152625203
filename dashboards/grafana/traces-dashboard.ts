import { type Dashboard, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { annotate } from './kit/annotations.ts';
import { finishDashboard, startDashboard } from './kit/dashboard.ts';
import { columnOf, KEEP, linksOf, openConsole, openDashboard } from './kit/links.ts';
import { bars, nameLinks, table, unitOf, widthOf } from './kit/panels.ts';
import { readSql } from './kit/read-sql.ts';
import { heatmap, logs, traceView } from './kit/special-panels.ts';
import { choiceVariable, consoleVariable, datasourceVariable, fixedVariable, textVariable } from './kit/variables.ts';

const SERVICE = '$__conditionalAll(ServiceName IN (${service:singlequote}), $service)';
const CHOICE = { service: KEEP, operation: KEEP, kind: KEEP, attribute: KEEP, value: KEEP } as const;

/** Spans found by what they are, how long they took and what they carry; and one trace of them. */
export function tracesDashboard(): Dashboard {
  const builder = startDashboard('traces', 'Traces', 'Search, latencies, and the trace that was chosen.')
    .refresh('')
    .withVariable(datasourceVariable())
    .withVariable(choiceVariable('service', 'Service', readSql('traces/variable-service')))
    .withVariable(choiceVariable('operation', 'Operation', readSql('traces/variable-operation')))
    .withVariable(
      fixedVariable('kind', 'Kind', ['Server', 'Consumer', 'Client', 'Producer', 'Internal'], ['Server', 'Consumer']),
    )
    .withVariable(fixedVariable('status', 'Status', ['Error', 'Ok', 'Unset']))
    .withVariable(textVariable('min_ms', 'At least, ms', ''))
    .withVariable(textVariable('attribute', 'Attribute', ''))
    .withVariable(textVariable('value', 'Its value', ''))
    .withVariable(textVariable('trace_id', 'Trace id', ''))
    .withVariable(consoleVariable());
  annotate(builder, {
    deployed: SERVICE,
    alerted:
      "$__conditionalAll(LogAttributes['tocsin.incident.label.service'] IN ('', ${service:singlequote}), $service)",
  });
  builder
    .withPanel(
      heatmap({
        title: 'Latencies',
        description:
          'How many spans took how long, by the rollup: of the chosen services, operations and kinds, whatever their status and attributes.',
        sql: readSql('traces/heatmap'),
        unit: 's',
        width: 14,
        links: [openDashboard('services', 'Services', { service: KEEP, operation: KEEP })],
      }),
    )
    .withPanel(
      bars({
        title: 'Spans per second',
        description: 'Of the chosen services, operations and kinds, good and failed.',
        sql: readSql('traces/rate'),
        unit: 'ops',
        width: 10,
        height: 9,
        links: [openDashboard('traces', 'The failed ones', { ...CHOICE, status: 'Error' })],
      }),
    )
    .withPanel(searchTable())
    .withRow(new RowBuilder('The chosen trace'))
    .withPanel(
      traceView({
        title: 'Trace',
        description: 'The trace in the field “Trace id”: a click in the table puts it there.',
        sql: readSql('trace/spans'),
        width: 24,
      }),
    )
    .withPanel(
      logs({
        title: 'Its log records',
        description: 'Log records of the trace in the time range.',
        sql: readSql('trace/logs'),
        width: 24,
        height: 9,
      }),
    );
  return finishDashboard(builder);
}

function searchTable() {
  const trace = columnOf('trace');
  const here = openDashboard('traces', 'Show below', {
    ...CHOICE,
    status: KEEP,
    min_ms: KEEP,
    trace_id: trace,
  });
  return table({
    title: 'Spans',
    description:
      'The last 200 spans that fit. An attribute is one of the span or of its resource, and its value is the whole one; it is looked for in all of the time range.',
    sql: readSql('traces/search'),
    width: 24,
    height: 11,
    links: [here],
  })
    .overrideByName('time', widthOf(190))
    .overrideByName('service', nameLinks(openDashboard('services', 'Service', { service: columnOf('service') })))
    .overrideByName('duration', [...unitOf('s'), ...widthOf(100)])
    .overrideByName('kind', widthOf(90))
    .overrideByName('status', widthOf(80))
    .overrideByName('trace', [
      ...linksOf(
        here,
        openDashboard('trace', 'Trace in Grafana', { trace_id: trace }),
        openConsole(`/trace/${trace}`, 'Trace in the Tocsin console'),
      ),
      ...widthOf(290),
    ]);
}
