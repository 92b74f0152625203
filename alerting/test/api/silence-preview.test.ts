import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAlertHistory } from '../../src/history/alert-history.ts';
import { START_MS } from '../notify/scenario.ts';
import { ApiUnderTest } from './api-under-test.ts';

const ALERTING = `
  route: { receiver: team, group_by: [alertname], group_wait: 1s, group_interval: 1m }
  receivers: [{ name: team }]
`;
const DAY_MS = 86_400_000;
const at = (timeMs: number): string => new Date(timeMs).toISOString();
const disk = { alertname: 'Disk', instance: 'a' };
const other = { alertname: 'Disk', instance: 'b' };

interface Preview {
  readonly matchers: readonly string[];
  readonly now: { readonly count: number; readonly alerts: readonly object[] };
  readonly lastWeek: { readonly count: number; readonly episodes: number; readonly alerts: readonly object[] };
}
let api: ApiUnderTest;
beforeEach(async () => {
  api = await ApiUnderTest.start(ALERTING);
});
afterEach(() => api.stop());

const preview = async (...matchers: readonly unknown[]) =>
  api.ask<Preview>('POST', '/api/v1/silences/preview', { matchers });
/** An alert that fires for a minute, is told of, and is forgotten after a quarter of an hour. */
const episode = async (labels: typeof disk) => {
  const { scenario } = api;
  const startsAtMs = scenario.nowMs;
  scenario.push([labels]);
  await scenario.tick();
  scenario.nowMs += 2_000;
  await scenario.tick();
  scenario.nowMs += 58_000;
  await api.ask('POST', '/api/v2/alerts', [{ labels: { alertname: 'Noise' }, endsAt: at(scenario.nowMs + 1_000) }]);
  scenario.notifier.sink.putAlerts(
    [
      {
        ...scenario.notifier.alerts
          .listAlerts(scenario.nowMs)
          .find((one) => one.labels['instance'] === labels.instance)!,
        endsAtMs: scenario.nowMs,
      },
    ],
    scenario.nowMs,
  );
  scenario.nowMs += 5 * 60_000;
  await scenario.tick();
  scenario.nowMs += 20 * 60_000;
  await scenario.tick();
  return startsAtMs;
};
const known = () => api.scenario.database.prepare('SELECT count(*) AS n FROM alerts').get()?.['n'];

test('shows what a silence would hit now and what it would have hit in the last week', async () => {
  const { scenario } = api;
  await episode(disk);
  expect(known()).toBe(0);
  const last = await episode(disk);
  scenario.push([other]);
  const now = scenario.nowMs;
  const { status, body } = await preview('alertname="Disk"', { name: 'instance', value: 'a|b', isRegex: true });
  expect(status).toBe(200);
  expect(body).toEqual({
    matchers: ['alertname="Disk"', 'instance=~"a|b"'],
    now: { count: 1, alerts: [{ fingerprint: expect.any(String), labels: other, startsAt: at(now), silencedBy: [] }] },
    lastWeek: {
      since: at(now - 7 * DAY_MS),
      count: 2,
      episodes: 3,
      alerts: [
        {
          fingerprint: expect.any(String),
          labels: disk,
          episodes: 2,
          lastStartsAt: at(last),
          lastEndsAt: at(last + 60_000),
        },
        { fingerprint: expect.any(String), labels: other, episodes: 1, lastStartsAt: at(now), lastEndsAt: null },
      ],
    },
  });
  expect((await preview('instance="a"')).body).toMatchObject({
    now: { count: 0 },
    lastWeek: { count: 1, episodes: 2 },
  });
  expect((await preview('instance="c"')).body).toMatchObject({ now: { count: 0 }, lastWeek: { count: 0 } });
});

test('an alert that begins anew before it is forgotten counts twice', async () => {
  const { scenario } = api;
  scenario.push([disk]);
  scenario.nowMs += 60_000;
  scenario.push([], [disk]);
  scenario.nowMs += 60_000;
  scenario.push([disk]);
  expect((await preview('instance="a"')).body.lastWeek).toMatchObject({ count: 1, episodes: 2 });
});

test('a pushed alert that fires is not over, though it has an end', async () => {
  await api.ask('POST', '/api/v2/alerts', [{ labels: disk }]);
  expect((await preview('instance="a"')).body.lastWeek.alerts).toMatchObject([{ labels: disk, lastEndsAt: null }]);
});

test('looks back a week, and says which silences are there already', async () => {
  const { scenario } = api;
  await episode(disk);
  scenario.push([other]);
  scenario.nowMs = START_MS + 7 * DAY_MS + 30_000;
  expect((await preview('alertname="Disk"')).body.lastWeek).toMatchObject({ count: 2 });
  scenario.nowMs = START_MS + 7 * DAY_MS + 61_000;
  expect((await preview('alertname="Disk"')).body.lastWeek).toMatchObject({ count: 1, alerts: [{ labels: other }] });
  const silence = { startsAtMs: scenario.nowMs, endsAtMs: scenario.nowMs + 1, createdBy: 'ana', comment: '' };
  const { id } = scenario.notifier.silences.save(
    { ...silence, matchers: [{ name: 'instance', op: '=', value: 'b' }] },
    scenario.nowMs,
  );
  expect((await preview('alertname="Disk"')).body.now.alerts).toMatchObject([{ silencedBy: [id] }]);
});

test('a silence that cannot be is told before it is made', async () => {
  expect(await preview('alertname=~".*"')).toMatchObject({
    status: 422,
    body: { reason: 'unprocessable', detail: 'expected at least one matcher that does not match an empty value' },
  });
  expect((await preview({ name: 'a', value: '(', isRegex: true })).status).toBe(422);
});

test('the history is bounded in time and number, and read in portions', () => {
  const { database } = api.scenario;
  const add = database.prepare(
    'INSERT INTO alert_history (fingerprint, labels, starts_at_ms, ends_at_ms) VALUES (?, ?, ?, ?)',
  );
  database.transaction(() => {
    for (let index = 0; index < 2_500; index += 1)
      add.run(`${index}`, '{"a":"b"}', START_MS + index, START_MS + index + 1);
  });
  const history = createAlertHistory(database, 1_500);
  const portions = [...history.since(START_MS, START_MS + DAY_MS)].map(({ length }) => length);
  expect(portions).toEqual([1_000, 1_000, 500]);
  expect(history.forgetOld(START_MS)).toBe(1_000);
  expect(history.forgetOld(START_MS + 8 * DAY_MS + 2_001)).toBe(1_000);
  expect([...history.since(0, START_MS)].flat()[0]).toMatchObject({ fingerprint: '2499', labels: { a: 'b' } });
});
