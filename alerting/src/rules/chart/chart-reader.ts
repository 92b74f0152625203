import { createClickHouse } from '@tocsin/service/clickhouse';
import type { TocsinConfig } from '@tocsin/service/config';
import { createSqlExpression } from '../sql-expression.ts';
import { createRuleSeries, type RuleSeriesOptions } from './rule-series.ts';
import { createRuleValuesReader, type RuleValuesReader } from './rule-values.ts';
import type { StoredSeries } from './series.ts';
import { createSqlSeries } from './sql-series.ts';

/** ClickHouse may work so long on one question of a chart. */
const MAX_EXECUTION_TIME_S = 1.5;
const REQUEST_TIMEOUT_MS = 2_500;
const MAX_CONNECTIONS = 4;

/** What charts show. */
export interface ChartReader extends StoredSeries {
  /** What a rule's query has said. */
  readonly ruleValues: RuleValuesReader;
  /** Closes its connections. Idempotent. */
  stop(): Promise<void>;
}

/** Reads what charts show, over connections of its own: rules never wait for a picture. */
export function createChartReader(config: TocsinConfig, ruleOf: RuleSeriesOptions['ruleOf']): ChartReader {
  const client = createClickHouse(config, {
    application: 'alerting',
    readonly: true,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    maxConnections: MAX_CONNECTIONS,
  });
  const expression = createSqlExpression(client, { maxExecutionTimeS: MAX_EXECUTION_TIME_S });
  const series = createSqlSeries(client, MAX_EXECUTION_TIME_S);
  return {
    ...createRuleSeries({ expression, series, ruleOf }),
    ruleValues: createRuleValuesReader(expression),
    stop: () => expression.stop(),
  };
}
