import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { ApiUnderTest } from '../api/api-under-test.ts';
import { START_MS } from '../notify/scenario.ts';
import { fingerprintOf } from '../../src/fingerprint.ts';
import type { GettableAlert } from '../../src/api/v2/schemas.ts';

const ALERTING = `
  global: { resolve_timeout: 5m }
  route: { receiver: team, group_by: [alertname], group_wait: 10s, group_interval: 1m }
  receivers:
    - name: team
      slack_configs: [{ api_url: "http://127.0.0.1:1/x", channel: "#ops" }]
`;
const disk = { alertname: 'Disk', instance: 'a' };
const at = (seconds: number): string => new Date(START_MS + seconds * 1_000).toISOString();

let api: ApiUnderTest;
const begin = async (alerting = ALERTING, path?: string) => {
  api = await ApiUnderTest.start(alerting, path === undefined ? {} : { path });
  return api.scenario;
};
afterEach(() => api.stop());

const push = async (...alerts: readonly object[]) => api.ask('POST', '/api/v2/alerts', alerts);
const shown = async () => (await api.get<GettableAlert[]>('/api/v2/alerts')).body;
const names = async () => (await shown()).map(({ labels }) => labels['alertname']).toSorted();

test('a pushed alert is told of as one of our own is, and its end too', async () => {
  const scenario = await begin();
  expect(await push({ labels: disk, annotations: { summary: 'full' }, generatorURL: 'http://p/graph' })).toMatchObject({
    status: 200,
    body: '',
  });
  expect(await shown()).toMatchObject([
    {
      labels: disk,
      annotations: { summary: 'full' },
      startsAt: at(0),
      endsAt: at(300),
      updatedAt: at(0),
      generatorURL: 'http://p/graph',
      receivers: [{ name: 'team' }],
      status: { state: 'active' },
    },
  ]);
  expect(await scenario.until('9s')).toEqual([]);
  expect(await scenario.until('10s')).toMatchObject([{ title: '[FIRING:1] Disk (a)' }]);
  await push({ labels: disk, endsAt: at(10) });
  expect(await shown()).toEqual([]);
  expect(await scenario.until('2m')).toMatchObject([{ at: '1m10s', title: '[RESOLVED] Disk (a)' }]);
});

test('an alert without an end ends resolve_timeout after its last push, also across a restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-pushes-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const scenario = await begin(ALERTING, join(folder, 'alerting.sqlite'));
  await push({ labels: disk });
  await scenario.until('4m');
  await push({ labels: disk });
  expect(await shown()).toMatchObject([{ startsAt: at(0), endsAt: at(540) }]);
  await scenario.until('8m');
  scenario.restart();
  const arrived = await scenario.until('12m');
  expect(arrived).toMatchObject([{ title: '[RESOLVED] Disk (a)' }]);
  expect(arrived[0]?.at).toMatch(/^9m/);
});

test('pushes of the same alert merge: the earliest start, the last annotations, an end that was told is not cut short by one that was not', async () => {
  const scenario = await begin();
  await push({ labels: disk, annotations: { value: '1' }, startsAt: at(-60), endsAt: at(3_600) });
  await scenario.until('1m');
  await push({ labels: disk, annotations: { value: '2' }, startsAt: at(-30) });
  expect(await shown()).toMatchObject([{ annotations: { value: '2' }, startsAt: at(-60), endsAt: at(3_600) }]);
  await push({ labels: disk, annotations: { value: '3' }, startsAt: at(-90) });
  expect(await shown()).toMatchObject([{ annotations: { value: '3' }, startsAt: at(-90), endsAt: at(3_600) }]);
  await push({ labels: disk, startsAt: at(-90), endsAt: at(7_200) });
  expect(await shown()).toMatchObject([{ startsAt: at(-90), endsAt: at(7_200) }]);
  await push({ labels: disk, startsAt: at(-90), endsAt: at(60) });
  expect(await shown()).toEqual([]);
});

test('a timeout gives way to an earlier end that is told', async () => {
  await begin();
  await push({ labels: disk });
  await push({ labels: disk, startsAt: at(0), endsAt: at(120) });
  expect(await shown()).toMatchObject([{ endsAt: at(120) }]);
});

test('a start after the old end is a new occurrence', async () => {
  const scenario = await begin();
  await push({ labels: disk });
  await scenario.until('20s');
  await push({ labels: disk, endsAt: at(20) });
  await scenario.until('2m');
  await push({ labels: disk });
  expect(await shown()).toMatchObject([{ startsAt: at(120) }]);
  expect(await scenario.until('3m')).toMatchObject([{ title: '[FIRING:1] Disk (a)', reason: 'first_notification' }]);
});

test('one alert that cannot be kept holds up none of the others, and is named', async () => {
  await begin();
  const { status, body } = await push(
    { labels: disk },
    { labels: {} },
    { labels: { alertname: '' } },
    { labels: { alertname: 'Back' }, startsAt: at(60), endsAt: at(30) },
    { labels: { alertname: 'Ahead' }, startsAt: at(3_600) },
    { labels: { alertname: 'Noname', '': 'x' } },
    { labels: { alertname: 'Half', note: '\ud800' } },
    { labels: { alertname: 'Large' }, annotations: { text: 'x'.repeat(65_536) } },
    { labels: { alertname: 'Net', 'dotted.name': 'ü' } },
  );
  expect(status).toBe(400);
  expect(body).toBe(
    [
      'alerts[1]: expected at least one label with a value',
      'alerts[2]: expected at least one label with a value',
      'alerts[3] (Back): expected a start before the end',
      'alerts[4] (Ahead): expected a start before the end (resolve_timeout from now)',
      'alerts[5] (Noname): expected a name for every label, found ""',
      'alerts[6] (Half): expected UTF-8 as the value of the label note',
      'alerts[7] (Large): expected at most 65536 characters of labels and annotations, found 65554',
    ].join('\n'),
  );
  expect(await names()).toEqual(['Disk', 'Net']);
});

test('a shape that Alertmanager refuses is refused whole', async () => {
  await begin();
  expect(await push({ labels: disk }, { annotations: {} })).toMatchObject({
    status: 422,
    body: { code: 602, message: '[1].labels in body: expected an object, found nothing' },
  });
  expect(await names()).toEqual([]);
});

test('a request of more than 20,000 alerts is refused before it is looked at', async () => {
  await begin();
  expect(await push(...Array.from({ length: 20_001 }, () => ({ labels: disk })))).toMatchObject({
    status: 422,
    body: { message: expect.stringContaining('expected at most 20000 alerts in one request') },
  });
  expect(await names()).toEqual([]);
});

test('times are as Prometheus and Go write them', async () => {
  await begin();
  const none = '0001-01-01T00:00:00Z';
  await push(
    { labels: { alertname: 'Zero' }, startsAt: none, endsAt: none },
    { labels: { alertname: 'Nanos' }, startsAt: '2026-11-20T10:59:59.123456789+01:00' },
    { labels: { alertname: 'EndOnly' }, endsAt: at(600) },
  );
  expect((await shown()).toSorted((a, b) => (a.startsAt < b.startsAt ? -1 : 1))).toMatchObject([
    { labels: { alertname: 'Nanos' }, startsAt: '2026-11-20T09:59:59.123Z' },
    { labels: { alertname: 'Zero' }, startsAt: at(0), endsAt: at(300) },
    { labels: { alertname: 'EndOnly' }, startsAt: at(600), endsAt: at(600) },
  ]);
});

test('labels without a value are none', async () => {
  await begin();
  await push({ labels: { ...disk, empty: '' } }, { labels: disk });
  expect(await shown()).toMatchObject([{ labels: disk }]);
});

test('the end of what nobody heard of is no alert', async () => {
  const scenario = await begin();
  expect((await push({ labels: disk, startsAt: at(-60), endsAt: at(-30) })).status).toBe(200);
  expect(await shown()).toEqual([]);
  expect(await scenario.until('5m')).toEqual([]);
});

test('an alert of a rule of ours is its own: a push with equal labels changes nothing while it fires', async () => {
  const scenario = await begin();
  scenario.push([disk]);
  expect((await push({ labels: disk, annotations: { from: 'push' }, startsAt: at(-60), endsAt: at(-1) })).status).toBe(
    200,
  );
  expect(await shown()).toMatchObject([{ annotations: {}, startsAt: at(0) }]);
  await scenario.until('20s');
  scenario.push([], [disk]);
  expect(await shown()).toEqual([]);
  await scenario.until('30s');
  await push({ labels: disk, annotations: { from: 'push' } });
  expect(await shown()).toMatchObject([{ annotations: { from: 'push' }, startsAt: at(30) }]);
  const over = { labels: disk, annotations: {}, startsAtMs: START_MS, endsAtMs: START_MS + 20_000, generatorUrl: '' };
  scenario.notifier.sink.putAlerts(
    [{ ...over, fingerprint: fingerprintOf(disk), updatedAtMs: scenario.nowMs }],
    scenario.nowMs,
  );
  expect(await shown()).toMatchObject([{ annotations: { from: 'push' }, startsAt: at(30) }]);
  scenario.push([disk], [], START_MS + 30_000);
  await push({ labels: disk, endsAt: at(30) });
  expect(await shown()).toMatchObject([{ annotations: {}, startsAt: at(30) }]);
});

test('beyond max_pushed_alerts new alerts find no room, known ones go on and end, and room comes back', async () => {
  const scenario = await begin(`${ALERTING}  api: { max_pushed_alerts: 2 }\n`);
  const [a, b, c] = ['A', 'B', 'C'].map((alertname) => ({ labels: { alertname } }));
  expect((await push(a!, b!)).status).toBe(200);
  const full = await push(c!, { ...a!, annotations: { more: 'x' } });
  expect(full).toMatchObject({
    status: 429,
    body: 'expected fewer alerts: 1 found no room (alerting.api.max_pushed_alerts)',
  });
  expect(full.headers.get('retry-after')).toBe('60');
  expect(await names()).toEqual(['A', 'B']);
  expect((await shown()).find(({ labels }) => labels['alertname'] === 'A')?.annotations).toEqual({ more: 'x' });
  scenario.push([disk]);
  await push({ ...a!, endsAt: at(0) });
  expect((await push(c!)).status).toBe(200);
  expect(await names()).toEqual(['B', 'C', 'Disk']);
});

test('pushes that arrive together are each answered after they are on disk', async () => {
  const scenario = await begin();
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, index) => push({ labels: { alertname: 'Many', index: `${index}` } })),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  const { n } = scenario.database.prepare('SELECT count(*) AS n FROM alerts').get() ?? {};
  expect(n).toBe(200);
});

test('a database that takes nothing is a 500 for everybody who waits, and nothing is lost for the next', async () => {
  const scenario = await begin();
  scenario.database.prepare('DROP TRIGGER alerts_again').run();
  scenario.database.prepare('ALTER TABLE alerts RENAME TO away').run();
  const answers = await Promise.all([push({ labels: disk }), push({ labels: { alertname: 'Net' } })]);
  expect(answers.map(({ status }) => status)).toEqual([500, 500]);
  expect(JSON.stringify(answers[0]?.body)).not.toContain('no such table');
  scenario.database.prepare('ALTER TABLE away RENAME TO alerts').run();
  expect((await push({ labels: disk })).status).toBe(200);
});
