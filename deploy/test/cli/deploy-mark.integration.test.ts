import { hash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { markDeployment } from '../../src/cli/deploy.ts';
import { addressOf, endService, forkService, type RunningService } from '../../src/scratch/fork-service.ts';
import { startTestClickHouse, type TestClickHouse } from '../../src/testing/index.ts';

const main = (service: string): string => fileURLToPath(new URL(`../../../${service}/src/main.ts`, import.meta.url));
const TOKEN = 'tocsin_token_of_the_pipeline';
const LOOKER = 'tocsin_token_of_a_looker';
let clickhouse: TestClickHouse;
let folder: string;
const running: RunningService[] = [];
let console: string;

beforeAll(async () => {
  clickhouse = await startTestClickHouse();
  folder = await mkdtemp(join(tmpdir(), 'tocsin-deploy-mark-'));
  const start = async (service: string, config: string): Promise<RunningService> => {
    const file = join(folder, `${service}.yaml`);
    await writeFile(file, `clickhouse: { url: '${clickhouse.url}' }\n${config}`);
    const started = await forkService(main(service), ['--config', file, '--data', folder], folder);
    running.push(started);
    return started;
  };
  const collector = await start(
    'collector',
    'collector: { http: 127.0.0.1:0, grpc: 127.0.0.1:0, journal: { segment_age: 100ms, min_free_disk: 1MiB } }\n',
  );
  const { host } = new URL(addressOf(collector, 'collector.http'));
  const token = (name: string, role: string, key: string): string =>
    `{ name: ${name}, role: ${role}, sha256: ${hash('sha256', key)} }`;
  const tokens = [token('ci', 'editor', TOKEN), token('wall', 'viewer', LOOKER)].join(', ');
  const served = await start(
    'dashboards',
    `collector: { http: '${host}' }\nconsole: { http: 0, tokens: [${tokens}] }\n`,
  );
  console = addressOf(served, 'console.http');
});
afterAll(async () => {
  for (const service of running.toReversed()) await endService(service, 'SIGTERM');
  await clickhouse?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

async function mark(args: readonly string[], token = TOKEN, consoleUrl = console) {
  const written = { out: '', err: '' };
  const stream = (name: 'out' | 'err') => ({ write: (text: string) => ((written[name] += text), true) });
  const env = { TOCSIN_CONSOLE_URL: consoleUrl, TOCSIN_CONSOLE_TOKEN: token };
  const code = await markDeployment({ env, stdout: stream('out'), stderr: stream('err') }, args);
  return { code, ...written };
}

async function read(service = ''): Promise<Record<string, unknown>[]> {
  const url = `${console}/api/v1/deployments?from=${Date.now() - 3_600_000}&to=${Date.now() + 60_000}&service=${service}`;
  const response = await fetch(service === '' ? url.replace('&service=', '') : url, {
    headers: { authorization: `Bearer ${LOOKER}` },
  });
  expect(response.status).toBe(200);
  return ((await response.json()) as { deployments: Record<string, unknown>[] }).deployments;
}

/** A span of a version of a service, as its SDK sends it. */
async function speak(service: string, version: string): Promise<void> {
  const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const now = `${Date.now()}000000`;
  const span = {
    traceId: '1'.repeat(32),
    spanId: '1'.repeat(16),
    name: 'GET /',
    startTimeUnixNano: now,
    endTimeUnixNano: now,
  };
  const attributes = [attribute('service.name', service), attribute('service.version', version)];
  const collector = running[0];
  if (!collector) throw new Error('no collector');
  const response = await fetch(`${addressOf(collector, 'collector.http')}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans: [span] }] }] }),
  });
  expect(response.status).toBe(200);
}

test('a mark goes through the console and the collector, and is read again; it stands for the version that is seen then', async () => {
  expect(await mark(['mark', 'shop', '2.1.0', '--env', 'production', '--url', 'https://ci.example.com/run/7'])).toEqual(
    {
      code: 0,
      out: 'Marked: shop 2.1.0 in production.\n',
      err: '',
    },
  );
  // The version that was marked is seen, and one that nobody marked.
  await speak('shop', '2.1.0');
  await speak('pay', '0.9.0');
  await expect.poll(() => read('pay'), { timeout: 20_000 }).toHaveLength(1);
  await expect.poll(() => read('shop'), { timeout: 20_000 }).toHaveLength(1 + 1);
}, 60_000);

test('without an environment a mark stands for the version in each', async () => {
  expect((await mark(['mark', 'shop', '2.1.0'])).code).toBe(0);
  await expect
    .poll(async () => (await read('shop')).map(({ kind }) => kind), { timeout: 20_000 })
    .toEqual(['marked', 'marked']);
  expect((await read('shop')).at(-1)).toMatchObject({
    service: 'shop',
    version: '2.1.0',
    environment: 'production',
    kind: 'marked',
    actor: 'ci',
    url: 'https://ci.example.com/run/7',
  });
  expect(await read('pay')).toMatchObject([{ version: '0.9.0', kind: 'seen', before: '', actor: '' }]);
  expect((await read()).map(({ service }) => service).toSorted()).toEqual(['pay', 'shop', 'shop']);
}, 60_000);

test('curl with a token needs no other header', async () => {
  const response = await fetch(`${console}/api/v1/deployments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
    body: '{"service":"cart","version":"1"}',
  });
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ deployment: { service: 'cart', actor: 'ci', kind: 'marked' } });
});

test.each([
  [['mark', 'shop', '1'], LOOKER, 1, 'This takes the role editor; yours is viewer. (403)'],
  [['mark', 'shop', '1'], 'tocsin_other', 1, 'Sign in first. (401)'],
  [['mark', 'shop', '1', '--url', 'javascript:alert(1)'], TOKEN, 1, 'url: expected an http(s) URL'],
  [['mark', 'shop', 'a\nb'], TOKEN, 1, 'version: expected text of 1 to 200 characters in one line'],
  [['mark', 'shop'], TOKEN, 2, 'expected SERVICE and VERSION after mark'],
  [['remove', 'shop'], TOKEN, 2, 'expected mark, found "remove"'],
  [['mark', 'shop', '1', '--console', 'console'], TOKEN, 2, '--console: expected an http(s) URL'],
  [['mark', 'shop', '1', '--force'], TOKEN, 2, "Unknown option '--force'"],
  [['mark', 'shop', '1', '--console', 'http://127.0.0.1:9'], TOKEN, 1, 'did not take the mark'],
] as const)('%j with %s is refused in words', async (args, token, code, said) => {
  const answer = await mark(args, token);
  expect(answer).toMatchObject({ code, out: '' });
  expect(answer.err).toContain(said);
});

test('where the collector is away nothing is called done', async () => {
  const [collector] = running.splice(0, 1);
  if (!collector) throw new Error('no collector');
  await endService(collector, 'SIGTERM');
  const answer = await mark(['mark', 'shop', '3.0.0']);
  expect(answer).toMatchObject({ code: 1, out: '' });
  expect(answer.err).toContain('The collector cannot be reached (ECONNREFUSED).');
});
