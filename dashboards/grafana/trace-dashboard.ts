import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { annotate } from './kit/annotations.ts';
import { finishDashboard, startDashboard } from './kit/dashboard.ts';
import { readSql } from './kit/read-sql.ts';
import { logs, traceView } from './kit/special-panels.ts';
import { datasourceVariable, textVariable } from './kit/variables.ts';

/** One trace and its log records: where the trace links of the other dashboards lead. */
export function traceDashboard(): Dashboard {
  const builder = startDashboard('trace', 'Trace', 'One trace, with what was logged in it.')
    .refresh('')
    .withVariable(datasourceVariable())
    .withVariable(textVariable('trace_id', 'Trace id', ''))
    .withPanel(
      traceView({
        title: 'Spans',
        description: 'The spans of the trace, whenever it was.',
        sql: readSql('trace/spans'),
        width: 24,
      }),
    )
    .withPanel(
      logs({
        title: 'Logs',
        description: 'Log records of the trace in the time range.',
        sql: readSql('trace/logs'),
        width: 24,
        height: 10,
      }),
    );
  annotate(builder);
  return finishDashboard(builder);
}
