import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stopInOrder } from '@tocsin/service/stop';
import { DEMO_RULES, demoConfiguration } from './configuration.ts';
import { type Mailbox, startMailbox } from './mailbox.ts';
import { type ShopProcess, startShop } from './shop-process.ts';
import { type SlackStandIn, startSlackStandIn } from './slack-stand-in.ts';
import { type HostProcess, startTocsin, type TocsinProcess } from './tocsin-process.ts';

/** What the demo runs with. */
export interface DemoOptions {
  readonly host: HostProcess;
  /** Prints one line of the story. */
  readonly say: (line: string) => void;
  /** Ends the demo early: everything is stopped, nothing is left behind. */
  readonly signal: AbortSignal;
  /** Somebody watches: after the story all stays up for a while, so that the links can be followed. */
  readonly isWatched: boolean;
}

/** `told`: every page and every recovery arrived by both ways. */
export type DemoOutcome = 'told' | 'failed' | 'interrupted';

const VISIT_EVERY_MS = 300;
const ALL_IS_WELL_MS = 15_000;
const BROKEN_MS = 20_000;
const PAGE_WITHIN_MS = 45_000;
const RECOVERY_WITHIN_MS = 60_000;
/** The whole takes two minutes, the time to stop included; what is left of them is for looking around. */
const STAY_UNTIL_MS = 108_000;
const LEAST_STAY_MS = 15_000;

/**
 * Plays the whole story: starts Tocsin, a shop, its customers, a mailbox and a stand-in for Slack in an empty folder; breaks the shop,
 * waits for the pages, repairs it, waits for the recoveries, and cleans up.
 */
export async function playDemo({ host, say, signal, isWatched }: DemoOptions): Promise<DemoOutcome> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-demo-'));
  const startedAtMs = Date.now();
  const elapsedMs = (): number => Date.now() - startedAtMs;
  const tell = (line: string): void => say(`${(elapsedMs() / 1_000).toFixed(1).padStart(6)} s  ${line}`);
  const stops: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  let outcome: DemoOutcome | undefined;
  try {
    const mailbox = await startMailbox((mail) => tell(`✉  e-mail to ${mail.to.join(', ')}: ${mail.subject}`));
    stops.push(() => mailbox.stop());
    const slack = await startSlackStandIn((message) => tell(`#  Slack: ${firstLine(message.text)}`));
    stops.push(() => slack.stop());
    const { tocsin, shop } = await openShop({ folder, mailbox, slack, host, tell, signal, stops });
    const customers = new AbortController();
    stops.push(() => Promise.resolve(customers.abort()));
    void serveCustomers(shop, AbortSignal.any([signal, customers.signal]));
    showLinks(tocsin, tell);
    outcome = (await playStory({ shop, mailbox, slack, tell, signal })) ? 'told' : 'failed';
    tell(outcome === 'told' ? 'That was the whole story.' : 'The story did not go as it should.');
    if (isWatched) {
      const stayMs = Math.max(LEAST_STAY_MS, STAY_UNTIL_MS - elapsedMs());
      tell(`Everything stays up for ${Math.round(stayMs / 1_000)} s more, for a look around. Ctrl-C ends it now.`);
      showLinks(tocsin, tell);
      await sleep(stayMs, undefined, { signal });
    }
    tell('Stopping.');
    return outcome;
  } catch (error) {
    if (!signal.aborted) throw error;
    tell(outcome === undefined ? 'Interrupted; stopping.' : 'Stopping.');
    return outcome ?? 'interrupted';
  } finally {
    await stopInOrder(stops.reverse());
    tell('Everything is stopped; nothing is left behind.');
  }
}

interface Backstage {
  readonly folder: string;
  readonly mailbox: Mailbox;
  readonly slack: SlackStandIn;
  readonly host: HostProcess;
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
  readonly stops: (() => Promise<unknown>)[];
}

async function openShop(stage: Backstage): Promise<{ tocsin: TocsinProcess; shop: ShopProcess }> {
  const configFile = join(stage.folder, 'tocsin.yaml');
  await mkdir(join(stage.folder, 'rules'));
  await writeFile(join(stage.folder, 'rules/shop.yaml'), DEMO_RULES);
  await writeFile(configFile, demoConfiguration(stage.mailbox.smarthost));
  const host = { execPath: stage.host.execPath, env: { ...stage.host.env, SLACK_WEBHOOK_URL: stage.slack.webhookUrl } };
  stage.tell('Starting Tocsin: embedded ClickHouse, collector, checker, alerting, console …');
  const tocsin = await startTocsin({ configFile, dataDir: join(stage.folder, 'data'), host, signal: stage.signal });
  stage.stops.push(() => tocsin.stop());
  stage.tell('Tocsin is ready. Opening the shop, instrumented with the OpenTelemetry SDK …');
  const shop = await startShop({ collectorUrl: tocsin.endpoints['collector.http'] ?? '', host: stage.host });
  stage.stops.push(() => shop.stop());
  await writeFile(configFile, demoConfiguration(stage.mailbox.smarthost, shop.url));
  stage.tell(`The shop is open on ${shop.url}; customers come, and a monitor was added to tocsin.yaml.`);
  return { tocsin, shop };
}

function showLinks({ endpoints }: TocsinProcess, tell: (line: string) => void): void {
  const query = 'SELECT+ServiceName,SpanName,count()+FROM+otel_traces+GROUP+BY+ALL+ORDER+BY+ALL+FORMAT+Pretty';
  tell(`Look: the console      ${endpoints['console.http'] ?? ''}`);
  tell(`Look: spans by SQL     ${endpoints['clickhouse.http'] ?? ''}/?query=${query}`);
}

interface Story {
  readonly shop: ShopProcess;
  readonly mailbox: Mailbox;
  readonly slack: SlackStandIn;
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
}

/** @returns whether every page and every recovery arrived by both ways */
async function playStory(story: Story): Promise<boolean> {
  const { shop, mailbox, tell, signal } = story;
  await sleep(ALL_IS_WELL_MS, undefined, { signal });
  tell('All is well. Now the shop breaks: /health answers 503 and checkouts fail.');
  const brokeAtMs = Date.now();
  await shop.breakDown();
  const isPaged = await arrived(story, 'MonitorDown', 'FIRING');
  if (isPaged) {
    tell(`The page arrived ${seconds(Date.now() - brokeAtMs)} after the break. The e-mail says:`);
    const page = mailbox.mails.find(({ subject }) => isAbout(subject, 'MonitorDown', 'FIRING'));
    for (const line of (page?.text ?? '').split('\n')) if (line.trim() !== '') tell(`   │ ${line}`);
  }
  const isPagedByRule = await arrived(story, 'CheckoutErrors', 'FIRING');
  if (isPagedByRule) tell('That page was made by a rule over the shop’s own spans.');
  await sleep(Math.max(0, BROKEN_MS - (Date.now() - brokeAtMs)), undefined, { signal });

  tell('Someone repairs the shop.');
  const repairedAtMs = Date.now();
  await shop.repair();
  const isRecovered = await arrived(story, 'MonitorDown', 'RESOLVED');
  if (isRecovered) tell(`The recovery was told ${seconds(Date.now() - repairedAtMs)} after the repair.`);
  const isRecoveredByRule = await arrived(story, 'CheckoutErrors', 'RESOLVED');
  return isPaged && isPagedByRule && isRecovered && isRecoveredByRule;
}

type Alert = 'MonitorDown' | 'CheckoutErrors';
type Status = 'FIRING' | 'RESOLVED';

const isAbout = (text: string, alert: Alert, status: Status): boolean => text.includes(status) && text.includes(alert);
const seconds = (durationMs: number): string => `${(durationMs / 1_000).toFixed(1)} s`;
const firstLine = (text: string): string =>
  text.split('\n').find((line) => /FIRING|RESOLVED/.test(line)) ?? text.split('\n')[0] ?? '';

/** Waits for a message by both ways, and says so when it does not come. */
async function arrived({ mailbox, slack, tell, signal }: Story, alert: Alert, status: Status): Promise<boolean> {
  const giveUpAtMs = Date.now() + (status === 'FIRING' ? PAGE_WITHIN_MS : RECOVERY_WITHIN_MS);
  while (Date.now() < giveUpAtMs) {
    const byMail = mailbox.mails.some(({ subject }) => isAbout(subject, alert, status));
    const bySlack = slack.messages.some(({ text }) => isAbout(text, alert, status));
    if (byMail && bySlack) return true;
    await sleep(100, undefined, { signal });
  }
  tell(`No message of ${alert} ${status === 'FIRING' ? 'firing' : 'resolved'} arrived.`);
  return false;
}

async function serveCustomers(shop: ShopProcess, signal: AbortSignal): Promise<void> {
  const products = ['bell', 'rope', 'wheel'];
  for (let visit = 0; !signal.aborted; visit += 1) {
    await shop.visit(products[visit % products.length] ?? 'bell').catch(() => undefined);
    await sleep(VISIT_EVERY_MS);
  }
}
