import type { Statement } from './statement-types.ts';

/** What a process of Tocsin said last about reading its configuration. Times in Unix ms. */
export interface ConfigReloadRow {
  readonly service: string;
  readonly instance: string;
  readonly successful: 0 | 1;
  /** When the configuration that it uses was read. */
  readonly read_ms: number;
}

/** Every process that has told within the last two minutes. */
export const configReloads: Statement<{ now_ms: number }, ConfigReloadRow> = {
  name: 'config_reloads',
  sql: `
    SELECT
      ServiceName AS service,
      ResourceAttributes['service.instance.id'] AS instance,
      toUInt8(argMaxIf(Value, TimeUnix, MetricName = 'tocsin.config.last_reload.successful')) AS successful,
      1000 * argMaxIf(Value, TimeUnix, MetricName = 'tocsin.config.last_reload.success_time') AS read_ms
    FROM otel_metrics_gauge
    WHERE ServiceName IN ('tocsin-clickhouse', 'tocsin-collector', 'tocsin-alerting', 'tocsin-dashboards', 'tocsin-checker')
      AND MetricName IN ('tocsin.config.last_reload.successful', 'tocsin.config.last_reload.success_time')
      AND TimeUnix > fromUnixTimestamp64Milli({now_ms:Int64}) - INTERVAL 2 MINUTE
      AND TimeUnix <= fromUnixTimestamp64Milli({now_ms:Int64})
    GROUP BY service, instance
    -- One that has ended tells nothing any more: its successor stands for it.
    HAVING max(TimeUnix) > fromUnixTimestamp64Milli({now_ms:Int64}) - INTERVAL 30 SECOND
    ORDER BY service, instance`,
};
