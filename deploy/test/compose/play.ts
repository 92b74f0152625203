// Run by plain-processes.e2e.test.ts as root of namespaces of its own: node play.ts FOLDER large|small. Prints what it found as JSON (`Played`).
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readDockerfile } from '../image/dockerfile.ts';
import { COMPOSE, type ComposeService, readCompose, readEnvFile, ROOT, volumesOf } from './compose-file.ts';

/** What was seen of the services of a compose file, run as plain processes. */
export interface Played {
  /** Exit code of each service's own health check, and what it said where that was not 0. */
  readonly health: Readonly<Record<string, string>>;
  /** Answers to questions from outside, by name. */
  readonly answers: Readonly<Record<string, unknown>>;
  /** Exit code of each after SIGTERM. */
  readonly exits: Readonly<Record<string, number | null>>;
  /** What stood before the collectors. */
  readonly proxy: 'haproxy' | 'a relay of TCP' | 'none';
}

const [, , folder = '', name = ''] = process.argv;
const MAIN = join(ROOT, 'deploy/src/cli/main.ts');
const RELAY = join(import.meta.dirname, 'relay.ts');
const KEY = 'key-of-an-application-for-this-test';
const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const ENV: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.keys(readEnvFile(join(COMPOSE, 'large/env.example'))).map((one) => [one, `${one}.`.padEnd(40, 'x')]),
  ),
  SENDER_KEY_SHA256: hash(KEY),
  GRAFANA_TOKEN: KEY,
  GRAFANA_TOKEN_SHA256: hash(KEY),
};
const { services } = readCompose(`${name}.yaml`, ENV);
const hasHaproxy = spawnSync('haproxy', ['-v']).status === 0;
const children = new Map<string, ChildProcess>();
const addresses = new Map(Object.keys(services).map((service, at) => [service, `10.77.0.${at + 10}`]));
const ip = (...args: readonly string[]): void => void execFileSync('ip', args);
/** What the image sets, for every service of ours. */
const IMAGE_ENV = Object.fromEntries(
  readDockerfile(readFileSync(join(ROOT, 'deploy/image/Dockerfile'), 'utf8'))
    .stages.at(-1)!
    .instructions.filter((one) => one.name === 'ENV')
    .flatMap(({ text }) => text.split(' ').map((pair) => pair.split('=', 2) as [string, string])),
);

process.stdout.write(JSON.stringify(await play()));
process.exit();

async function play(): Promise<Played> {
  makeNetwork();
  cpSync(join(COMPOSE, name), join(folder, 'config'), { recursive: true });
  if (name === 'large') startReplacements();
  const ours = Object.entries(services).filter(([, { image }]) => image.startsWith('tocsin:'));
  for (const [service, definition] of ours)
    start(service, process.execPath, [MAIN, ...definition.command!], definition);
  const health: Record<string, string> = {};
  for (const [service, definition] of ours) health[service] = await waitForHealth(service, definition);
  const answers = await (name === 'large' ? askLarge() : askSmall());
  const exits: Record<string, number | null> = {};
  for (const [service, child] of children) {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const [code] = (await ended) as [number | null];
    if (ours.some(([one]) => one === service)) exits[service] = code;
  }
  return { health, answers, exits, proxy: name === 'small' ? 'none' : hasHaproxy ? 'haproxy' : 'a relay of TCP' };
}

/** A network namespace for each service, joined by a bridge on which this process is the machine around them; names are in the hosts file. */
function makeNetwork(): void {
  ip('link', 'set', 'lo', 'up');
  ip('link', 'add', 'bridge', 'type', 'bridge');
  ip('addr', 'add', '10.77.0.1/24', 'dev', 'bridge');
  ip('link', 'set', 'bridge', 'up');
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', '/run']);
  for (const [at, [service, address]] of [...addresses].entries()) {
    const inside = ['-n', service];
    ip('netns', 'add', service);
    ip('link', 'add', `v${at}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', service);
    ip('link', 'set', `v${at}`, 'master', 'bridge', 'up');
    ip(...inside, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
    ip(...inside, 'link', 'set', 'eth0', 'up');
    ip(...inside, 'link', 'set', 'lo', 'up');
  }
  const hosts = join(folder, 'hosts');
  writeFileSync(
    hosts,
    ['127.0.0.1 localhost', ...[...addresses].map(([service, at]) => `${at} ${service}`), ''].join('\n'),
  );
  execFileSync('mount', ['--bind', hosts, '/etc/hosts']);
}

/** The embedded engine in the place of the cluster, which there is none of here, and what stands before the collectors. */
function startReplacements(): void {
  const file = join(folder, 'config/tocsin.yaml');
  const text = readFileSync(file, 'utf8');
  const single = text
    .replace('http://clickhouse1:8123, http://clickhouse2:8123', 'http://clickhouse1:8123')
    .replace(/^ +cluster: main\n/m, '');
  if (single.length === text.length) throw new Error('expected a cluster in large/tocsin.yaml');
  writeFileSync(file, single);
  const data = join(folder, 'clickhouse1/clickhouse');
  mkdirSync(data, { recursive: true });
  const passwords = { writer: ENV['CLICKHOUSE_WRITER_PASSWORD'], reader: ENV['CLICKHOUSE_READER_PASSWORD'] };
  writeFileSync(join(data, 'credentials.json'), JSON.stringify(passwords), { mode: 0o600 });
  writeFileSync(
    join(folder, 'engine.yaml'),
    `clickhouse: { http: "0.0.0.0:8123", users: [{ name: default, password: ${KEY} }] }\n`,
  );
  const engine = ['run', 'clickhouse', '--config', join(folder, 'engine.yaml')];
  start('clickhouse1', process.execPath, [MAIN, ...engine], services['clickhouse1']!);
  // Here is no name server to ask for the addresses of containers: those of the hosts file stay.
  const proxy = join(folder, 'config/haproxy.cfg');
  writeFileSync(proxy, readFileSync(proxy, 'utf8').replace(' resolvers containers', ''));
  if (hasHaproxy) start('proxy', 'haproxy', ['-f', proxy], services['proxy']!);
  else start('proxy', process.execPath, [RELAY, '4317', '4318'], services['proxy']!);
}

function start(service: string, program: string, args: readonly string[], definition: ComposeService): void {
  const log = openSync(join(folder, `${service}.log`), 'w');
  const child = spawn('ip', ['netns', 'exec', service, program, ...args], {
    cwd: join(folder, 'config'),
    env: environmentOf(service, definition),
    stdio: ['ignore', log, log],
  });
  children.set(service, child);
}

/** As in a container: what the image sets, then what the file says, and nothing else; a volume is a folder. */
function environmentOf(service: string, definition: ComposeService): Record<string, string> {
  const [data] = volumesOf(definition).find(([, target]) => target === '/data') ?? [service];
  const env = { ...IMAGE_ENV, ...definition.environment, PATH: process.env['PATH'] ?? '' };
  return { ...env, TOCSIN_DATA: join(folder, data), NODE_COMPILE_CACHE: join(folder, 'compile-cache') };
}

/** The health check as the file, or the image, has it. */
async function waitForHealth(service: string, definition: ComposeService): Promise<string> {
  const [, , ...args] = definition.healthcheck?.test ?? ['CMD', 'tocsin', 'healthcheck'];
  const env = environmentOf(service, definition);
  for (let tries = 0; ; tries += 1) {
    const command = ['netns', 'exec', service, process.execPath, MAIN, ...args];
    const { status, stderr } = spawnSync('ip', command, { env, encoding: 'utf8' });
    if (status === 0) return 'healthy';
    if (tries > 150 || children.get(service)?.exitCode !== null)
      return `${stderr}\n${readFileSync(join(folder, `${service}.log`), 'utf8').slice(-3_000)}`;
    await sleep(400);
  }
}

async function askLarge(): Promise<Record<string, unknown>> {
  const query = (sql: string) => text('http://10.77.0.11:8123/', { user: 'default', body: sql }, 'clickhouse1');
  const reader = `Basic ${Buffer.from(`grafana:${KEY}`).toString('base64')}`;
  return {
    'a trace with a key': await sendTrace({ authorization: `Bearer ${KEY}` }),
    'a trace without': await sendTrace({}),
    'is stored': await until(
      () =>
        query(
          'SELECT ServiceName FROM otel.otel_traces WHERE SpanName = {name:String}'.replace(
            '{name:String}',
            "'GET /play'",
          ),
        ),
      'shop',
    ),
    locations: await until(
      () =>
        query(
          "SELECT arrayStringConcat(arraySort(groupUniqArray(ResourceAttributes['tocsin.location'])), ' ') FROM otel.otel_metrics_gauge WHERE MetricName = 'tocsin.probe.up' AND Value = 1",
        ),
      'frankfurt singapore',
    ),
    'services that speak of themselves': await until(
      () =>
        query(
          "SELECT arrayStringConcat(arraySort(groupUniqArray(ServiceName)), ' ') FROM otel.otel_metrics_sum WHERE ServiceName LIKE 'tocsin-%'",
        ),
      /tocsin-alerting .*tocsin-checker tocsin-collector/,
    ),
    'the console reaches alerting': (await overview('console')).alerts,
    'alerts for Grafana': await status('alerting', 9093, '/api/v2/alerts', reader),
    'alerts for anybody': await status('alerting', 9093, '/api/v2/alerts'),
  };
}

async function askSmall(): Promise<Record<string, unknown>> {
  return {
    'a trace': await sendTrace({}),
    'the console reaches alerting': (await overview('tocsin')).alerts,
    'ClickHouse from outside': await status('tocsin', 8123, '/ping'),
    // Grafana shares the network of Tocsin.
    'ClickHouse for Grafana': inside(
      'tocsin',
      "fetch('http://127.0.0.1:8123/?query=SELECT%201').then((r) => r.text())",
    ),
    'alerts for Grafana': inside(
      'tocsin',
      "fetch('http://127.0.0.1:9093/api/v2/alerts').then((r) => String(r.status))",
    ),
  };
}

async function sendTrace(headers: Readonly<Record<string, string>>): Promise<number> {
  const now = `${Date.now()}000000`;
  const span = {
    traceId: '5b8efff798038103d269b633813fc60c',
    spanId: 'eee19b7ec3c1b174',
    name: 'GET /play',
    kind: 2,
    startTimeUnixNano: now,
    endTimeUnixNano: now,
  };
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] };
  const host = addresses.get(name === 'large' ? 'proxy' : 'tocsin');
  const response = await fetch(`http://${host}:4318/v1/traces`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }),
  });
  return response.status;
}

/** One part of the console's first page. */
async function overview(service: string): Promise<{ readonly alerts: unknown }> {
  const response = await fetch(`http://${addresses.get(service)}:7600/api/v1/overview`);
  const { alerts } = (await response.json()) as { alerts: { status: string } };
  return { alerts: alerts.status };
}

async function status(service: string, port: number, path: string, authorization?: string): Promise<number | string> {
  try {
    const headers = authorization === undefined ? {} : { authorization };
    return (await fetch(`http://${addresses.get(service)}:${port}${path}`, { headers })).status;
  } catch (error) {
    return error instanceof Error && error.cause instanceof Error
      ? String((error.cause as NodeJS.ErrnoException).code)
      : String(error);
  }
}

function inside(service: string, expression: string): string {
  const script = `${expression}.then((text) => process.stdout.write(text.trim()))`;
  return execFileSync('ip', ['netns', 'exec', service, process.execPath, '-e', script], { encoding: 'utf8' });
}

async function text(_url: string, { user, body }: { user: string; body: string }, service: string): Promise<string> {
  const authorization = `Basic ${Buffer.from(`${user}:${KEY}`).toString('base64')}`;
  const response = await fetch(`http://${addresses.get(service)}:8123/`, {
    method: 'POST',
    headers: { authorization },
    body,
  });
  return (await response.text()).trim();
}

async function until(ask: () => Promise<string>, wanted: string | RegExp): Promise<string> {
  const giveUpAtMs = Date.now() + 60_000;
  for (;;) {
    const answer = await ask();
    if (typeof wanted === 'string' ? answer === wanted : wanted.test(answer))
      return typeof wanted === 'string' ? answer : 'as wanted';
    if (Date.now() > giveUpAtMs) return `not within a minute: ${answer}`;
    await sleep(500);
  }
}
