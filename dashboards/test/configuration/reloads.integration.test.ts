import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type AlertingStandIn,
  type ConsoleUnderTest,
  startAlertingStandIn,
  startConsole,
} from '../console/console-under-test.ts';
import { createTables } from '../seed/schema.ts';

let clickhouse: TestClickHouse;
let alerting: AlertingStandIn;
let console: ConsoleUnderTest;

beforeAll(async () => {
  clickhouse = await startTestClickHouse();
  alerting = await startAlertingStandIn();
  await createTables(clickhouse.client());
  console = await startConsole(clickhouse.url, alerting.port);
});
afterAll(async () => {
  await console?.stop();
  await alerting?.stop();
  await clickhouse?.stop();
});

test('each process that runs says whether it uses the configuration as it is, and since when', async () => {
  const nowMs = Date.now();
  const told = (service: string, instance: string, agoS: number, successful: number) =>
    Object.entries({ successful, success_time: 1_795_000_000 }).map(([name, Value]) => ({
      ServiceName: service,
      ResourceAttributes: { 'service.instance.id': instance },
      MetricName: `tocsin.config.last_reload.${name}`,
      TimeUnix: ((nowMs - agoS * 1_000) / 1_000).toFixed(3),
      Value,
    }));
  const values = [
    ...told('tocsin-alerting', 'a', 15, 1),
    ...told('tocsin-alerting', 'a', 5, 0),
    ...told('tocsin-collector', 'b', 5, 1),
    // Its predecessor, which could not read it and has ended.
    ...told('tocsin-collector', 'c', 60, 0),
  ];
  await clickhouse.client().insert({ table: 'otel_metrics_gauge', values, format: 'JSONEachRow' });
  const response = await fetch(`${console.url}/api/v1/configuration`);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({
    processes: [
      { service: 'tocsin-alerting', isCurrent: false, readMs: 1_795_000_000_000 },
      { service: 'tocsin-collector', isCurrent: true, readMs: 1_795_000_000_000 },
    ],
  });
});
