import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seedHour } from '../seed/seed.ts';
import { createTables } from '../seed/schema.ts';
import { seedStatusDays } from '../seed/status-days.ts';
import {
  type PostsStandIn,
  shownPost,
  startPostsStandIn,
  startStatus,
  STATUS_YAML,
  type StatusUnderTest,
} from './status-under-test.ts';

let clickhouse: TestClickHouse;
let alerting: PostsStandIn;
let page: StatusUnderTest;

beforeAll(async () => {
  [clickhouse, alerting] = await Promise.all([startTestClickHouse(), startPostsStandIn()]);
  await createTables(clickhouse.client());
  await seedHour(clickhouse.client(), Date.now());
  await seedStatusDays(clickhouse.client(), Date.now());
  alerting.posts = [
    // It was written while the monitor was on the page.
    shownPost({ monitors: ['pay', 'hidden-ledger'] }),
    shownPost({ id: 'c', endedAt: new Date().toISOString(), status: 'resolved', monitors: ['hidden-ledger'] }),
  ];
  page = await startStatus(clickhouse.url, alerting.port, STATUS_YAML);
});
afterAll(async () => {
  await page.stop();
  await alerting.stop();
  await clickhouse.stop();
});

/** What is nobody's business: names and addresses that were not chosen, of hidden monitors and chosen ones, reasons, people, machines. */
const SECRETS = [
  'hidden-ledger',
  'hidden ledger',
  'internal.test',
  'ledger',
  'secret-path',
  '8443',
  'db07',
  'kernel',
  'secret move',
  'status_mismatch',
  'was expected',
  'status is 503',
  'no answer within',
  'shop.test',
  'ana-token',
  'tocsin-checker',
  'tocsin_',
  'clickhouse',
  'fastify',
  'node_modules',
];
/** What other ports of Tocsin have, and what people try. */
const INTERNAL = [
  '/healthz',
  '/readyz',
  '/metrics',
  '/api/v1/overview',
  '/api/v1/monitors/hidden-ledger',
  '/monitor/hidden-ledger',
  '/monitor/shop',
  '/trace/00000000000000000000000000009003',
  '/api/v1/status-posts',
  '/api/v2/alerts',
  '/status',
  '/status/write',
  '/write',
  '/write/c/delete',
  '/badges/hidden-ledger/state.svg',
  '/badges/shop/state.svg',
  '/badges/pay/uptime.svg',
  '/logo',
  '/favicon.svg',
  '/../package.json',
  '/%2e%2e/%2e%2e/etc/passwd',
  '/posts/',
  '/posts/nothing',
  '/%',
  '//',
  '/__proto__',
  '/constructor',
  '/.git/config',
];

async function read(path: string): Promise<{ status: number; said: string }> {
  const response = await fetch(`${page.publicUrl}${path}`);
  const said = `${JSON.stringify([...response.headers])}\n${await response.text()}`;
  return { status: response.status, said };
}

/** Follows whatever an answer names, beginning at the page; badges are named by the ids of the JSON. */
async function walk(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const waiting = ['/', '/status.json', '/feed.atom', '/badge.svg'];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (found.has(path)) continue;
    const { status, said } = await read(path);
    expect({ path, status }).toEqual({ path, status: 200 });
    found.set(path, said);
    for (const [, next = ''] of said.matchAll(/(?:href|src)="(\/[^"#]*)"/g)) waiting.push(next);
    for (const [, id] of path === '/status.json' ? said.matchAll(/"id":"([a-z-]+)","name"/g) : [])
      waiting.push(`/badges/${id}/state.svg`, `/badges/${id}/uptime.svg`);
  }
  return found;
}

const leaksIn = (said: string): string[] => SECRETS.filter((secret) => said.toLowerCase().includes(secret));

test('no answer of the public port has a name, an address or a reason that was not chosen', async () => {
  const answers = await walk();
  const paths = [...answers.keys()].toSorted();
  expect(paths).toEqual(
    [
      '/',
      '/badge.svg',
      ...['card-payments', 'new-search', 'partner-interface', 'web-shop'].flatMap((slug) => [
        `/badges/${slug}/state.svg`,
        `/badges/${slug}/uptime.svg`,
      ]),
      '/feed.atom',
      '/icon.svg',
      ...paths.filter((path) => path.startsWith('/posts/')),
      '/status.json',
    ].toSorted(),
  );
  expect(paths.filter((path) => path.startsWith('/posts/'))).toHaveLength(3);
  for (const [path, said] of answers) expect({ path, leaks: leaksIn(said) }).toEqual({ path, leaks: [] });
});

test('nothing else is on the public port, and what it says of that tells nothing', async () => {
  for (const path of INTERNAL) {
    const { status, said } = await read(path);
    expect({ path, status, leaks: leaksIn(said) }).toEqual({ path, status: 404, leaks: [] });
  }
});

test('the search finds what is there to be found: ClickHouse has all of it', async () => {
  const result = await clickhouse.client().query({
    query: `SELECT groupUniqArray(SpanAttributes['url.full']), groupUniqArray(SpanAttributes['tocsin.probe.message']) FROM otel_traces
      UNION ALL SELECT groupUniqArray(Attributes['tocsin.monitor.name']), groupUniqArray(Attributes['tocsin.probe.reason']) FROM otel_metrics_sum`,
    format: 'JSONCompactEachRow',
  });
  const held = JSON.stringify(await result.json());
  expect(leaksIn(held)).toEqual(
    expect.arrayContaining(['hidden-ledger', 'shop.test', 'was expected', 'status_mismatch']),
  );
});
