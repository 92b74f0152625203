import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@clickhouse/client';
import { expect, onTestFinished, test } from 'vitest';
import { startTocsin } from '../../src/demo/tocsin-process.ts';
import { LOCALHOST } from './localhost-certificate.ts';

const CONFIGURATION = `
collector: { http: 0, grpc: 0, auth: required, tls: { cert_file: cert.pem, key_file: key.pem } }
clickhouse: { http: 0 }
checker: { http: 0 }
console: { http: 0 }
alerting: { http: 0 }
monitors: [{ name: nobody, http: 'http://127.0.0.1:9/', interval: 1s, timeout: 500ms }]
`;

const WHO_SENT = `
  SELECT ServiceName AS service, kind FROM (
    SELECT ServiceName, 'spans' AS kind FROM otel_traces
    UNION ALL SELECT ServiceName, 'points' FROM otel_metrics_gauge
    UNION ALL SELECT ServiceName, 'points' FROM otel_metrics_sum)
  GROUP BY ALL`;

/** Sends an empty request, trusting no other certificate than the collector's. @returns the answer's status */
async function sendAsStranger(collector: string): Promise<number | undefined> {
  const options = { method: 'POST', ca: LOCALHOST.cert, headers: { 'content-type': 'application/json' } };
  const sent = request(`${collector}/v1/traces`, options).end('{}');
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  answer.resume();
  return answer.statusCode;
}

test('with TLS and a key required, what Tocsin says of itself arrives, and a stranger is refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-own-telemetry-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const configFile = join(folder, 'tocsin.yaml');
  await writeFile(configFile, CONFIGURATION);
  await writeFile(join(folder, 'cert.pem'), LOCALHOST.cert);
  await writeFile(join(folder, 'key.pem'), LOCALHOST.key);
  const tocsin = await startTocsin({ configFile, dataDir: join(folder, 'data'), host: process });
  onTestFinished(async () => void (await tocsin.stop()));
  const clickhouse = createClient({ url: tocsin.endpoints['clickhouse.http'] ?? '', database: 'otel' });
  onTestFinished(() => clickhouse.close());

  expect(tocsin.endpoints['collector.http']).toMatch(/^https:/);
  expect(await sendAsStranger(tocsin.endpoints['collector.http'] ?? '')).toBe(401);

  const awaited = ['alerting', 'checker', 'clickhouse', 'collector', 'dashboards'].map(
    (name) => `tocsin-${name} points`,
  );
  const sent = new Set<string>();
  const giveUpAtMs = Date.now() + 90_000;
  while (Date.now() < giveUpAtMs && !(awaited.every((one) => sent.has(one)) && sent.has('tocsin-checker spans'))) {
    await sleep(1_000);
    const result = await clickhouse.query({ query: WHO_SENT, format: 'JSONEachRow' });
    for (const { service, kind } of await result.json<{ service: string; kind: string }>())
      sent.add(`${service} ${kind}`);
  }
  expect([...sent]).toEqual(expect.arrayContaining([...awaited, 'tocsin-checker spans']));
}, 150_000);
