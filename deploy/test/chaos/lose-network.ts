// Run by network-away.e2e.test.ts: node lose-network.ts FOLDER OUTAGE_MS MONITORS [namespace]. Prints what was found as JSON (`NetworkLoss`).
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@clickhouse/client';
import { startSlackStandIn } from '../../src/demo/slack-stand-in.ts';
import { startTocsin } from '../../src/demo/tocsin-process.ts';

/** What a whole Tocsin made of a network that went and came back. */
export interface NetworkLoss {
  /** The first line of every message to Slack. */
  readonly messages: readonly string[];
  /** Runs of the time of the outage by outcome and reason. */
  readonly runs: readonly { readonly outcome: string; readonly reason: string; readonly runs: number }[];
  /** What was ever said of any monitor. */
  readonly states: readonly string[];
  /** How many monitors are up at the end. */
  readonly upAgain: number;
  /** From the beginning of the outage to the message that the checker is blind, ms. */
  readonly toldAfterMs: number | undefined;
}

/** An address for documentation (RFC 5737), on a device of our own in the namespace. */
const OUTSIDE = '192.0.2.1';
const [, , folder = '', outageMs = '', monitorCount = '', mode] = process.argv;
const monitors = Number(monitorCount);
/** What was ever said of a monitor. */
const STATES = `
  SELECT DISTINCT Attributes['tocsin.monitor.state'] AS state FROM otel_metrics_gauge
  WHERE ServiceName = 'tocsin-checker' AND MetricName = 'tocsin.monitor.up' ORDER BY state`;
const isReal = mode === 'namespace';
const SHIPPED = new URL('../../../alerting/rules/shipped.yaml', import.meta.url);
/** A short outage is over before the shipped rules about checkers tell of it: they are asked every 15 s and wait as long. In a hurry it is this. */
const HURRIED_S = 3;
const isHurried = Number(outageMs) < 45_000;
process.stdout.write(JSON.stringify(await loseNetwork()));

function ip(...args: readonly string[]): void {
  execFileSync('ip', args);
}

/** The outside: what is probed, and what the checker asks for whether it has a network. */
async function serveOutside(port = 0) {
  const server = createServer((_request, response) => response.end('ok'));
  await once(server.listen(port, '0.0.0.0'), 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

async function loseNetwork(): Promise<NetworkLoss> {
  const slack = await startSlackStandIn();
  let outside = await serveOutside();
  const { port } = outside;
  const host = isReal ? OUTSIDE : '127.0.0.1';
  const configFile = join(folder, 'tocsin.yaml');
  const rules = await readFile(SHIPPED, 'utf8');
  await writeFile(join(folder, 'rules.yaml'), isHurried ? hurry(rules) : rules);
  await writeFile(configFile, configuration(host, port, slack.webhookUrl));
  const tocsin = await startTocsin({
    configFile,
    dataDir: join(folder, 'data'),
    host: { execPath: process.execPath, env: process.env },
  });
  const clickhouse = createClient({ url: tocsin.endpoints['clickhouse.http'] ?? '', database: 'otel' });
  const rows = async <Row>(query: string): Promise<Row[]> =>
    (await clickhouse.query({ query, format: 'JSONEachRow' })).json<Row>();
  const untilAllUp = async (fromMs: number): Promise<number> => {
    for (let left = 100; ; left -= 1) {
      const [found] = await rows<{ up: number }>(upSince(fromMs));
      if (found?.up === monitors || left === 0) return found?.up ?? 0;
      await sleep(200);
    }
  };
  try {
    if ((await untilAllUp(0)) !== monitors) throw new Error(`the monitors do not come up:\n${tocsin.output()}`);
    const fromMs = Date.now();
    if (isReal) ip('addr', 'del', `${OUTSIDE}/24`, 'dev', 'out');
    else await closeAll(outside.server);
    await sleep(Number(outageMs));
    const toMs = Date.now();
    if (isReal) ip('addr', 'add', `${OUTSIDE}/24`, 'dev', 'out');
    else outside = await serveOutside(port);
    const upAgain = await untilAllUp(toMs);
    // Two evaluations of the rules about monitors and checkers after it: what would be raised again is raised by then.
    await sleep(isHurried ? 12_000 : 32_000);
    const blind = slack.messages.find(({ text }) => text.includes('CheckerBlind'));
    return {
      messages: slack.messages.map(({ body }) => String(body['text'])),
      runs: await rows(runsBetween(fromMs + 1_000, toMs)),
      states: (await rows<{ state: string }>(STATES)).map(({ state }) => state),
      upAgain,
      toldAfterMs: blind && blind.receivedAtMs - fromMs,
    };
  } finally {
    await clickhouse.close();
    await tocsin.stop();
    await slack.stop();
    await closeAll(outside.server);
  }
}

async function closeAll(server: ReturnType<typeof createServer>): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

/** Only the group about checkers: what the others wait for is in no test of seconds. */
function hurry(rules: string): string {
  const [, group = ''] = /(\n {2}- name: tocsin-checker\n[^]*?)(?=\n {2}- name: )/.exec(rules) ?? [];
  const hurried = group.replace(/^( +)(interval|for): 15s$/gm, `$1$2: ${HURRIED_S}s`);
  if (hurried.split(`: ${HURRIED_S}s\n`).length !== 3)
    throw new Error('expected an interval and a wait of 15 s in the group tocsin-checker of shipped.yaml');
  return rules.replace(group, () => hurried);
}

function configuration(host: string, port: number, slackUrl: string): string {
  const watched = Array.from({ length: monitors }, (_, index) => ({
    name: `m${index}`,
    http: `http://${host}:${port}/`,
    interval: '1s',
    timeout: '800ms',
    confirm: { failures: 2, within: '10s', retry_after: '200ms' },
  }));
  return JSON.stringify({
    collector: { http: 0, grpc: 0 },
    clickhouse: { http: 0 },
    console: { http: 0 },
    checker: { http: 0, connectivity: [`${host}:${port}`] },
    monitors: watched,
    shipped_rules: false,
    rule_files: ['rules.yaml'],
    alerting: {
      http: 0,
      route: { receiver: 'team', group_by: ['alertname', 'monitor'], group_wait: '1s', group_interval: '2s' },
      receivers: [{ name: 'team', slack_configs: [{ api_url: slackUrl, channel: '#ops' }] }],
    },
  });
}

function upSince(fromMs: number): string {
  return `SELECT toUInt32(uniqExact(Attributes['tocsin.monitor.name'])) AS up FROM otel_metrics_gauge
  WHERE ServiceName = 'tocsin-checker' AND MetricName = 'tocsin.probe.up' AND Value = 1 AND TimeUnix > fromUnixTimestamp64Milli(toInt64(${fromMs}))`;
}

function runsBetween(fromMs: number, toMs: number): string {
  return `SELECT Attributes['tocsin.probe.outcome'] AS outcome, Attributes['tocsin.probe.reason'] AS reason, toUInt32(count()) AS runs FROM otel_metrics_sum
  WHERE ServiceName = 'tocsin-checker' AND MetricName = 'tocsin.probe.runs'
    AND TimeUnix > fromUnixTimestamp64Milli(toInt64(${fromMs})) AND TimeUnix < fromUnixTimestamp64Milli(toInt64(${toMs}))
  GROUP BY ALL ORDER BY runs DESC`;
}
