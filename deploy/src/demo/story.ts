import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Mailbox, type ReceivedMail, startMailbox } from './mailbox.ts';
import { type ShopProcess, startShop } from './shop-process.ts';
import { type SlackMessage, type SlackStandIn, startSlackStandIn } from './slack-stand-in.ts';
import { type HostProcess, startTocsin, type TocsinProcess } from './tocsin-process.ts';

/** What the demo runs with. */
export interface DemoOptions {
  readonly host: HostProcess;
  /** Prints one line of the story. */
  readonly say: (line: string) => void;
  /** Ends the demo early: everything is stopped, nothing is left behind. */
  readonly signal: AbortSignal;
}

const VISIT_EVERY_MS = 300;
const PAGE_WITHIN_MS = 45_000;
const RECOVERY_WITHIN_MS = 60_000;

/**
 * Plays the whole story: starts Tocsin, a shop, its customers, a mailbox and a stand-in for Slack in an empty folder; breaks the shop,
 * waits for the page, repairs it, waits for the recovery, and cleans up.
 * @returns whether the page and the recovery arrived by both ways
 */
export async function playDemo({ host, say, signal }: DemoOptions): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-demo-'));
  const startedAtMs = Date.now();
  const tell = (line: string): void => say(`${((Date.now() - startedAtMs) / 1_000).toFixed(1).padStart(6)} s  ${line}`);
  const stops: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  try {
    const mailbox = await startMailbox((mail) => tell(`✉  e-mail to ${mail.to.join(', ')}: ${mail.subject}`));
    stops.push(() => mailbox.stop());
    const slack = await startSlackStandIn((message) => tell(`#  Slack: ${firstLine(message.text)}`));
    stops.push(() => slack.stop());
    const { tocsin, shop } = await openShop({ folder, mailbox, slack, host, tell, stops });
    const customers = new AbortController();
    stops.push(() => Promise.resolve(customers.abort()));
    void serveCustomers(shop, AbortSignal.any([signal, customers.signal]));
    return await playStory({ tocsin, shop, mailbox, slack, tell, signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    tell('Interrupted.');
    return false;
  } finally {
    for (const stop of stops.reverse()) await stop();
    tell('Everything is stopped; nothing is left behind.');
  }
}

interface Backstage {
  readonly folder: string;
  readonly mailbox: Mailbox;
  readonly slack: SlackStandIn;
  readonly host: HostProcess;
  readonly tell: (line: string) => void;
  readonly stops: (() => Promise<unknown>)[];
}

async function openShop(stage: Backstage): Promise<{ tocsin: TocsinProcess; shop: ShopProcess }> {
  const configFile = join(stage.folder, 'tocsin.yaml');
  await mkdir(join(stage.folder, 'rules'));
  await writeFile(join(stage.folder, 'rules/shop.yaml'), RULES);
  await writeFile(configFile, configuration(stage.mailbox.smarthost));
  const host = { execPath: stage.host.execPath, env: { ...stage.host.env, SLACK_WEBHOOK_URL: stage.slack.webhookUrl } };
  stage.tell('Starting Tocsin: embedded ClickHouse, collector, checker, alerting, console …');
  const tocsin = await startTocsin({ configFile, dataDir: join(stage.folder, 'data'), host });
  stage.stops.push(() => tocsin.stop());
  stage.tell('Tocsin is ready. Opening the shop, instrumented with the OpenTelemetry SDK …');
  const shop = await startShop({ collectorUrl: tocsin.endpoints['collector.http'] ?? '', host: stage.host });
  stage.stops.push(() => shop.stop());
  await writeFile(configFile, configuration(stage.mailbox.smarthost, shop.url));
  stage.tell(`The shop is open on ${shop.url}; customers come, and a monitor was added to tocsin.yaml.`);
  return { tocsin, shop };
}

interface Story {
  readonly tocsin: TocsinProcess;
  readonly shop: ShopProcess;
  readonly mailbox: Mailbox;
  readonly slack: SlackStandIn;
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
}

async function playStory({ tocsin, shop, mailbox, slack, tell, signal }: Story): Promise<boolean> {
  const console_ = tocsin.endpoints['console.http'] ?? '';
  tell(`Look: the console       ${console_}`);
  tell(
    `Look: spans by SQL      ${tocsin.endpoints['clickhouse.http'] ?? ''}/?query=SELECT+ServiceName,count()+FROM+otel_traces+GROUP+BY+1`,
  );
  await sleep(15_000, undefined, { signal });
  tell('All is well. Now the shop breaks: /health answers 503 and checkouts fail.');
  const brokeAtMs = Date.now();
  await shop.breakDown();
  const paged = await arrived(mailbox.mails, slack.messages, 'FIRING', PAGE_WITHIN_MS, signal);
  tell(
    paged
      ? `The page arrived ${seconds(Date.now() - brokeAtMs)} after the break. The e-mail says:`
      : 'No page arrived.',
  );
  const page = mailbox.mails.find(({ subject }) => isAbout(subject, 'FIRING'));
  for (const line of (page?.text ?? '').split('\n')) if (line.trim() !== '') tell(`   │ ${line}`);
  await sleep(10_000, undefined, { signal });
  tell('Someone repairs the shop.');
  const repairedAtMs = Date.now();
  await shop.repair();
  const recovered = await arrived(mailbox.mails, slack.messages, 'RESOLVED', RECOVERY_WITHIN_MS, signal);
  tell(
    recovered
      ? `The recovery was told ${seconds(Date.now() - repairedAtMs)} after the repair.`
      : 'No recovery was told.',
  );
  tell('That was the whole story. Stopping.');
  return paged && recovered;
}

const isAbout = (text: string, status: 'FIRING' | 'RESOLVED'): boolean =>
  text.includes(status) && text.includes('MonitorDown');
const seconds = (durationMs: number): string => `${(durationMs / 1_000).toFixed(1)} s`;
const firstLine = (text: string): string =>
  text.split('\n').find((line) => /FIRING|RESOLVED/.test(line)) ?? text.split('\n')[0] ?? '';

async function arrived(
  mails: readonly ReceivedMail[],
  messages: readonly SlackMessage[],
  status: 'FIRING' | 'RESOLVED',
  withinMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const giveUpAtMs = Date.now() + withinMs;
  while (Date.now() < giveUpAtMs) {
    const byMail = mails.some(({ subject }) => isAbout(subject, status));
    const bySlack = messages.some(({ text }) => isAbout(text, status));
    if (byMail && bySlack) return true;
    await sleep(100, undefined, { signal });
  }
  return false;
}

async function serveCustomers(shop: ShopProcess, signal: AbortSignal): Promise<void> {
  const products = ['bell', 'rope', 'wheel'];
  for (let visit = 0; !signal.aborted; visit += 1) {
    await shop.visit(products[visit % products.length] ?? 'bell').catch(() => undefined);
    await sleep(VISIT_EVERY_MS);
  }
}

/** The smallest configuration that tells the story; ports are left to the system so that a running Tocsin is not disturbed. */
function configuration(smarthost: string, shopUrl?: string): string {
  const monitors =
    shopUrl === undefined
      ? '[]'
      : `\n  - name: shop\n    http: ${shopUrl}/health\n    interval: 5s\n    timeout: 2s\n    expect: { status: 200, body_contains: ok }`;
  return `collector: { http: 0, grpc: 0 }
clickhouse: { http: 0 }
checker: { http: 0 }
console: { http: 0 }
monitors: ${monitors}
rule_files: [rules/*.yaml]
alerting:
  http: 0
  global: { smtp_smarthost: "${smarthost}", smtp_from: tocsin@example.com }
  route: { receiver: team, group_by: [alertname, monitor], group_wait: 1s, group_interval: 5s }
  receivers:
    - name: team
      email_configs: [{ to: team@example.com }]
      slack_configs: [{ api_url: "\${SLACK_WEBHOOK_URL}", channel: "#ops" }]
`;
}

const RULES = `groups:
  - name: shop
    interval: 5s
    rules:
      - alert: CheckoutErrors
        sql: |
          SELECT ServiceName AS service, countIf(StatusCode = 'Error') / count() AS value
          FROM otel_traces
          WHERE Timestamp > {now:DateTime64(9)} - INTERVAL 1 MINUTE AND SpanKind = 'Server' AND ServiceName = 'shop'
          GROUP BY service HAVING value > 0.05
        for: 5s
        labels: { severity: page }
        annotations: { summary: "{{ $labels.service }}: {{ $value | humanizePercentage }} of requests fail" }
`;
