import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClickHouseClient, createClient } from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Mailbox, startMailbox } from '../../src/demo/mailbox.ts';
import { type ShopProcess, startShop } from '../../src/demo/shop-process.ts';
import { type SlackStandIn, startSlackStandIn } from '../../src/demo/slack-stand-in.ts';
import { startTocsin, type TocsinProcess } from '../../src/demo/tocsin-process.ts';
import { familyOf, killAll } from './process-family.ts';

/*
 * The whole story with nothing simulated but the far ends: the shop is a process with the real SDK, Tocsin is started as
 * `npm start` does, SMTP and Slack are local servers that speak the real protocols. The tests are one story, in order.
 */

const RULES = `
groups:
  - name: web
    interval: 2s
    rules:
      - alert: CheckoutErrors
        sql: |
          SELECT ServiceName AS service, countIf(StatusCode = 'Error') / count() AS value
          FROM otel_traces
          WHERE Timestamp > {now:DateTime64(9)} - INTERVAL 1 MINUTE AND Timestamp <= {now:DateTime64(9)}
            AND SpanKind = 'Server' AND ServiceName = 'shop'
          GROUP BY service HAVING value > 0.05
        for: 2s
        labels: { severity: page }
        annotations: { summary: "{{ $labels.service }}: {{ $value | humanizePercentage }} of requests fail" }
`;

interface Stage {
  readonly folder: string;
  readonly mailbox: Mailbox;
  readonly slack: SlackStandIn;
  tocsin: TocsinProcess;
  shop: ShopProcess;
  clickhouse: ClickHouseClient;
  customers: AbortController;
}

let stage: Stage;

function configure(ports: Readonly<Record<string, string>>, shopUrl?: string): Promise<void> {
  const port = (name: string): number => Number(new URL(ports[name] ?? 'http://127.0.0.1:0').port || 0);
  const monitors =
    shopUrl === undefined
      ? []
      : [
          {
            name: 'shop',
            http: `${shopUrl}/health`,
            interval: '2s',
            timeout: '1s',
            expect: { status: 200, body_contains: 'ok' },
          },
        ];
  const config = {
    collector: { http: port('collector.http'), grpc: port('collector.grpc') },
    clickhouse: { http: port('clickhouse.http') },
    checker: { http: port('checker.http') },
    console: { http: port('console.http') },
    monitors,
    rule_files: ['rules/*.yaml'],
    alerting: {
      http: port('alerting.http'),
      global: { smtp_smarthost: stage.mailbox.smarthost, smtp_from: 'tocsin@example.com' },
      route: { receiver: 'team', group_by: ['alertname', 'monitor'], group_wait: '1s', group_interval: '2s' },
      receivers: [
        {
          name: 'team',
          email_configs: [{ to: 'team@example.com' }],
          slack_configs: [{ api_url: '${SLACK_WEBHOOK_URL}', channel: '#ops' }],
        },
      ],
    },
  };
  return writeFile(join(stage.folder, 'tocsin.yaml'), JSON.stringify(config));
}

const start = (): Promise<TocsinProcess> =>
  startTocsin({
    configFile: join(stage.folder, 'tocsin.yaml'),
    dataDir: join(stage.folder, 'data'),
    host: { execPath: process.execPath, env: { ...process.env, SLACK_WEBHOOK_URL: stage.slack.webhookUrl } },
  });

async function rows<Row>(query: string, params: Record<string, unknown> = {}): Promise<Row[]> {
  const result = await stage.clickhouse.query({ query, query_params: params, format: 'JSONEachRow' });
  return result.json<Row>();
}

/** The first row of a query, asked again until there is one. */
async function eventually<Row>(query: string, withinMs = 20_000): Promise<Row> {
  const giveUpAtMs = Date.now() + withinMs;
  for (;;) {
    const [row] = await rows<Row>(query);
    if (row !== undefined) return row;
    if (Date.now() > giveUpAtMs) throw new Error(`No row within ${withinMs} ms: ${query}\n${stage.tocsin.output()}`);
    await sleep(200);
  }
}

async function until(condition: () => boolean, what: string, withinMs: number): Promise<void> {
  const giveUpAtMs = Date.now() + withinMs;
  while (!condition()) {
    if (Date.now() > giveUpAtMs) throw new Error(`Not within ${withinMs} ms: ${what}\n${stage.tocsin.output()}`);
    await sleep(50);
  }
}

const mailsAbout = (alert: string, status: 'FIRING' | 'RESOLVED') =>
  stage.mailbox.mails.filter(({ subject }) => subject.includes(status) && subject.includes(alert));
const slackAbout = (alert: string, status: 'FIRING' | 'RESOLVED') =>
  stage.slack.messages.filter(({ text }) => text.includes(status) && text.includes(alert));

/** Customers come until the story is over. */
async function serveCustomers(signal: AbortSignal): Promise<void> {
  for (let visit = 0; !signal.aborted; visit += 1) {
    await stage.shop.visit(['bell', 'rope', 'wheel'][visit % 3] ?? 'bell');
    await sleep(250, undefined, { ref: false });
  }
}

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-e2e-'));
  await mkdir(join(folder, 'rules'));
  await writeFile(join(folder, 'rules/web.yaml'), RULES);
  stage = {
    folder,
    mailbox: await startMailbox(),
    slack: await startSlackStandIn(),
    customers: new AbortController(),
  } as Stage;
  await configure({});
  stage.tocsin = await start();
  stage.clickhouse = createClient({ url: stage.tocsin.endpoints['clickhouse.http'] ?? '', database: 'otel' });
  stage.shop = await startShop({ collectorUrl: stage.tocsin.endpoints['collector.http'] ?? '', host: process });
  await configure(stage.tocsin.endpoints, stage.shop.url);
  void serveCustomers(stage.customers.signal);
});

afterAll(async () => {
  stage.customers.abort();
  await stage.shop?.stop();
  await stage.clickhouse?.close();
  await stage.tocsin?.stop();
  await stage.mailbox.stop();
  await stage.slack.stop();
  await rm(stage.folder, { recursive: true, force: true });
});

describe('from an app’s telemetry to a page', () => {
  it('finds the shop’s spans with the right parents, kinds and values', async () => {
    const checkout = await eventually<{ TraceId: string; SpanId: string; Status: string; Milliseconds: number }>(`
      SELECT TraceId, SpanId, SpanAttributes['http.response.status_code'] AS Status, Duration / 1e6 AS Milliseconds
      FROM otel_traces WHERE ServiceName = 'shop' AND SpanKind = 'Server' AND SpanAttributes['http.route'] = '/checkout' LIMIT 1`);
    expect(checkout.TraceId).toMatch(/^[0-9a-f]{32}$/);
    expect(checkout.Status).toBe('200');
    expect(checkout.Milliseconds).toBeGreaterThan(1);
    expect(checkout.Milliseconds).toBeLessThan(5_000);
    const [joined] = await rows<{ spans: string }>(
      `SELECT count() AS spans FROM otel_traces AS server JOIN otel_traces AS client
         ON server.TraceId = client.TraceId AND server.ParentSpanId = client.SpanId
       WHERE server.TraceId = {trace:String} AND server.SpanKind = 'Server' AND client.SpanKind = 'Client'
         AND server.SpanAttributes['http.route'] = '/warehouse/:product'`,
      { trace: checkout.TraceId },
    );
    expect(Number(joined?.spans)).toBe(1);
  });

  it('finds its counters, histograms and gauges', async () => {
    const counter = await eventually<{ Value: number; IsMonotonic: boolean; AggregationTemporality: number }>(`
      SELECT Value, IsMonotonic, AggregationTemporality FROM otel_metrics_sum
      WHERE ServiceName = 'shop' AND MetricName = 'shop.orders' AND Attributes['outcome'] = 'sold' LIMIT 1`);
    expect(counter).toMatchObject({ IsMonotonic: true, AggregationTemporality: 2 });
    expect(counter.Value).toBeGreaterThanOrEqual(1);
    const histogram = await eventually<{ Count: string; Sum: number; Buckets: string; Bounds: number }>(`
      SELECT Count, Sum, arraySum(BucketCounts) AS Buckets, length(ExplicitBounds) AS Bounds FROM otel_metrics_histogram
      WHERE ServiceName = 'shop' AND MetricName = 'shop.checkout.duration' LIMIT 1`);
    expect(Number(histogram.Count)).toBeGreaterThanOrEqual(1);
    expect(histogram.Buckets).toBe(histogram.Count);
    expect(histogram.Sum).toBeGreaterThan(0);
    const gauge = await eventually<{ Value: number; MetricUnit: string }>(`
      SELECT Value, MetricUnit FROM otel_metrics_gauge
      WHERE ServiceName = 'shop' AND MetricName = 'shop.stock' AND Attributes['product'] = 'bell' LIMIT 1`);
    expect(gauge.MetricUnit).toBe('{item}');
    expect(gauge.Value).toBeGreaterThan(900_000);
  });

  it('finds its log records, joined to their traces', async () => {
    const record = await eventually<Record<string, unknown>>(`
      SELECT Body, SeverityText, SeverityNumber, LogAttributes['shop.product'] AS Product, span.ServiceName AS Service
      FROM otel_logs AS log JOIN otel_traces AS span ON span.TraceId = log.TraceId AND span.SpanId = log.SpanId
      WHERE log.ServiceName = 'shop' AND Body = 'sold 1 of bell' LIMIT 1`);
    expect(record).toMatchObject({ SeverityText: 'INFO', SeverityNumber: 9, Product: 'bell', Service: 'shop' });
  });

  it('watches the shop after a reload brought the monitor, and shows it in the console', async () => {
    await eventually(
      `SELECT 1 FROM otel_metrics_gauge WHERE MetricName = 'tocsin.probe.up' AND Attributes['tocsin.monitor.name'] = 'shop' AND Value = 1`,
    );
    const page = await (await fetch(stage.tocsin.endpoints['console.http'] ?? '')).text();
    expect(page).toContain('shop');
  });

  it('sends its own traces and metrics through itself', async () => {
    const services = ['collector', 'checker', 'alerting', 'dashboards', 'clickhouse']
      .map((name) => `'tocsin-${name}'`)
      .join(', ');
    await eventually(
      `SELECT 1 FROM otel_metrics_sum WHERE ServiceName IN (${services}) HAVING uniqExact(ServiceName) >= 4`,
      40_000,
    );
  });

  it('rings once by e-mail and once in Slack, within 15 s of the first failed probe', async () => {
    await stage.shop.breakDown();
    const failed = await eventually<{ TraceId: string; AtMs: number; Reason: string }>(`
      SELECT TraceId, toUnixTimestamp64Milli(Timestamp) AS AtMs, SpanAttributes['tocsin.probe.reason'] AS Reason FROM otel_traces
      WHERE ServiceName = 'tocsin-checker' AND SpanAttributes['tocsin.probe.outcome'] = 'fail' ORDER BY Timestamp LIMIT 1`);
    expect(failed.Reason).toBe('status_mismatch');
    await until(() => mailsAbout('MonitorDown', 'FIRING').length > 0, 'an e-mail about MonitorDown', 30_000);
    await until(() => slackAbout('MonitorDown', 'FIRING').length > 0, 'a Slack message about MonitorDown', 30_000);
    const [mail] = mailsAbout('MonitorDown', 'FIRING');
    const [message] = slackAbout('MonitorDown', 'FIRING');
    expect((mail?.receivedAtMs ?? Infinity) - Number(failed.AtMs)).toBeLessThan(15_000);
    expect((message?.receivedAtMs ?? Infinity) - Number(failed.AtMs)).toBeLessThan(15_000);
    expect(mail?.to).toEqual(['team@example.com']);
    for (const text of [mail?.text, mail?.html, message?.text]) {
      expect(text).toContain('shop');
      expect(text).toContain('503');
    }
    const [server] = await rows<{ Status: string }>(
      `SELECT SpanAttributes['http.response.status_code'] AS Status FROM otel_traces
       WHERE TraceId = {trace:String} AND ServiceName = 'shop' AND SpanKind = 'Server'`,
      { trace: failed.TraceId },
    );
    expect(server?.Status).toBe('503');
  });

  it('rings for the rule of the user’s own over the app’s telemetry', async () => {
    await until(() => mailsAbout('CheckoutErrors', 'FIRING').length > 0, 'an e-mail about CheckoutErrors', 30_000);
    expect(mailsAbout('CheckoutErrors', 'FIRING')[0]?.text).toMatch(/shop: \d+(\.\d+)?% of requests fail/);
  });

  it('tells of the recovery though every process was killed in between, and says nothing twice', async () => {
    const { pid } = stage.tocsin.child;
    const gone = once(stage.tocsin.child, 'exit');
    const killed = await killAll(await familyOf(pid ?? 0));
    expect(killed).toBeGreaterThanOrEqual(6);
    await gone;
    await stage.shop.repair();
    stage.tocsin = await start();
    await until(() => mailsAbout('MonitorDown', 'RESOLVED').length > 0, 'an e-mail about the recovery', 40_000);
    await until(() => slackAbout('MonitorDown', 'RESOLVED').length > 0, 'a Slack message about the recovery', 40_000);
    await sleep(8_000);
    for (const status of ['FIRING', 'RESOLVED'] as const) {
      expect(mailsAbout('MonitorDown', status), stage.tocsin.output()).toHaveLength(1);
      expect(slackAbout('MonitorDown', status)).toHaveLength(1);
    }
  });

  it('has every span once, also those around the kill', async () => {
    const [counts] = await rows<{ spans: string; distinct: string }>(
      `SELECT count() AS spans, uniqExact(TraceId, SpanId) AS distinct FROM otel_traces`,
    );
    expect(Number(counts?.spans)).toBeGreaterThan(50);
    expect(counts?.distinct).toBe(counts?.spans);
  });

  it('drains and exits with 0 within 10 s on Ctrl-C', async () => {
    const startedAtMs = Date.now();
    expect(await stage.tocsin.stop(), stage.tocsin.output()).toBe(0);
    expect(Date.now() - startedAtMs).toBeLessThan(10_000);
  });
});
