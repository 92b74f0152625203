import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClickHouseClient, createClient } from '@clickhouse/client';
import { type Mailbox, startMailbox } from '../../src/demo/mailbox.ts';
import { type ShopProcess, startShop } from '../../src/demo/shop-process.ts';
import { type SlackStandIn, startSlackStandIn } from '../../src/demo/slack-stand-in.ts';
import { startTocsin, type TocsinProcess } from '../../src/demo/tocsin-process.ts';

/** Everything on the stage, as processes and servers of their own, and how the test looks at it. */
export interface Stage {
  readonly mailbox: Mailbox;
  readonly slack: SlackStandIn;
  readonly shop: ShopProcess;
  tocsin: TocsinProcess;
  /** Adds the monitor of the shop to tocsin.yaml. */
  watchShop(): Promise<void>;
  /** Starts Tocsin again on the same data and ports. */
  startAgain(): Promise<void>;
  /** From now on customers come until the end. */
  openDoors(): void;
  rows<Row>(query: string, params?: Record<string, unknown>): Promise<Row[]>;
  /** The first row of a query, asked again until there is one. */
  eventually<Row>(query: string, withinMs?: number): Promise<Row>;
  until(condition: () => boolean, what: string, withinMs: number): Promise<void>;
  stop(): Promise<void>;
}

const RULES = `
groups:
  - name: web
    interval: 2s
    rules:
      - alert: CheckoutErrors
        sql: |
          SELECT ServiceName AS service, countIf(StatusCode = 'Error') / count() AS value
          FROM otel_traces
          WHERE Timestamp > {now:DateTime64(9)} - INTERVAL 20 SECOND AND Timestamp <= {now:DateTime64(9)}
            AND SpanKind = 'Server' AND ServiceName = 'shop'
          GROUP BY service HAVING value > 0.05
        for: 2s
        labels: { severity: page }
        annotations: { summary: "{{ $labels.service }}: {{ $value | humanizePercentage }} of requests fail" }
`;

type Endpoints = Readonly<Record<string, string>>;

function configuration(smarthost: string, ports: Endpoints, shopUrl?: string): string {
  const port = (name: string): number => Number(new URL(ports[name] ?? 'http://127.0.0.1:0').port || 0);
  const expectation = { status: 200, body_contains: 'ok' };
  const monitor = { name: 'shop', http: `${shopUrl}/health`, interval: '2s', timeout: '1s', expect: expectation };
  return JSON.stringify({
    collector: { http: port('collector.http'), grpc: port('collector.grpc') },
    clickhouse: { http: port('clickhouse.http') },
    checker: { http: port('checker.http') },
    console: { http: port('console.http') },
    monitors: shopUrl === undefined ? [] : [monitor],
    rule_files: ['rules/*.yaml'],
    alerting: {
      http: port('alerting.http'),
      global: { smtp_smarthost: smarthost, smtp_from: 'tocsin@example.com' },
      route: {
        receiver: 'team',
        group_by: ['alertname', 'monitor'],
        group_wait: '1s',
        group_interval: '2s',
        // The shipped rule looks at five minutes: whether it fires within this story depends on the machine's speed.
        routes: [{ receiver: 'nobody', matchers: ['alertname="HighErrorRate"'] }],
      },
      receivers: [
        {
          name: 'team',
          email_configs: [{ to: 'team@example.com' }],
          slack_configs: [{ api_url: '${SLACK_WEBHOOK_URL}', channel: '#ops' }],
        },
        { name: 'nobody' },
      ],
    },
  });
}

/** Sets the stage: Tocsin as `npm start` starts it, the shop with the real SDK, servers that speak SMTP and Slack's webhooks. */
export async function setStage(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-e2e-'));
  const configFile = join(folder, 'tocsin.yaml');
  await mkdir(join(folder, 'rules'));
  await writeFile(join(folder, 'rules/web.yaml'), RULES);
  const mailbox = await startMailbox();
  const slack = await startSlackStandIn();
  const env = { ...process.env, SLACK_WEBHOOK_URL: slack.webhookUrl };
  const start = (): Promise<TocsinProcess> =>
    startTocsin({ configFile, dataDir: join(folder, 'data'), host: { execPath: process.execPath, env } });
  await writeFile(configFile, configuration(mailbox.smarthost, {}));
  const tocsin = await start();
  const clickhouse = createClient({ url: tocsin.endpoints['clickhouse.http'] ?? '', database: 'otel' });
  const shop = await startShop({ collectorUrl: tocsin.endpoints['collector.http'] ?? '', host: process });
  const customers = new AbortController();
  const stage: Stage = {
    mailbox,
    slack,
    shop,
    tocsin,
    watchShop: () => writeFile(configFile, configuration(mailbox.smarthost, tocsin.endpoints, shop.url)),
    startAgain: async () => void (stage.tocsin = await start()),
    openDoors: () => void serveCustomers(shop, customers.signal),
    ...looks(() => stage.tocsin, clickhouse),
    async stop() {
      customers.abort();
      await shop.stop();
      await clickhouse.close();
      await stage.tocsin.stop();
      await mailbox.stop();
      await slack.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return stage;
}

function looks(
  tocsin: () => TocsinProcess,
  clickhouse: ClickHouseClient,
): Pick<Stage, 'rows' | 'eventually' | 'until'> {
  const rows: Stage['rows'] = async <Row>(query: string, params: Record<string, unknown> = {}) => {
    const result = await clickhouse.query({ query, query_params: params, format: 'JSONEachRow' });
    return result.json<Row>();
  };
  return {
    rows,
    async eventually<Row>(query: string, withinMs = 60_000): Promise<Row> {
      const giveUpAtMs = Date.now() + withinMs;
      for (;;) {
        const [row] = await rows<Row>(query);
        if (row !== undefined) return row;
        if (Date.now() > giveUpAtMs) throw new Error(`No row within ${withinMs} ms: ${query}\n${tocsin().output()}`);
        await sleep(200);
      }
    },
    async until(condition, what, withinMs) {
      const giveUpAtMs = Date.now() + withinMs;
      while (!condition()) {
        if (Date.now() > giveUpAtMs) throw new Error(`Not within ${withinMs} ms: ${what}\n${tocsin().output()}`);
        await sleep(50);
      }
    },
  };
}

async function serveCustomers(shop: ShopProcess, signal: AbortSignal): Promise<void> {
  for (let visit = 0; !signal.aborted; visit += 1) {
    await shop.visit(['bell', 'rope', 'wheel'][visit % 3] ?? 'bell');
    await sleep(250, undefined, { ref: false });
  }
}
