import { type Dashboard, PanelBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as LogsBuilder } from '@grafana/grafana-foundation-sdk/logs';
import { clickhouseQuery, DATASOURCE } from './kit/clickhouse-query.ts';
import { finishDashboard, startDashboard } from './kit/dashboard.ts';
import { readSql } from './kit/read-sql.ts';
import { datasourceVariable, textVariable } from './kit/variables.ts';

/** One trace and its log records: where the trace links of the other dashboards lead. */
export function traceDashboard(): Dashboard {
  const builder = startDashboard('tocsin-trace', 'Trace', 'One trace, with what was logged in it.')
    .refresh('')
    .withVariable(datasourceVariable())
    .withVariable(textVariable('trace_id', 'Trace id', ''))
    .withPanel(
      new PanelBuilder()
        .type('traces')
        .title('Spans')
        .description('The spans of the trace, whenever it was.')
        .datasource(DATASOURCE)
        .withTarget(clickhouseQuery(readSql('trace/spans'), 'trace'))
        .span(24)
        .height(16),
    )
    .withPanel(
      new LogsBuilder()
        .title('Logs')
        .description('Log records of the trace in the time range.')
        .datasource(DATASOURCE)
        .withTarget(clickhouseQuery(readSql('trace/logs'), 'logs'))
        .span(24)
        .height(10)
        .showTime(true)
        .wrapLogMessage(true),
    );
  return finishDashboard(builder);
}
