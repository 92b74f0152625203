import { afterAll, beforeAll, expect, test } from 'vitest';
import { DAY_S, NOW_MS, Stage } from './stage.ts';
import { World } from './world.ts';

const GIB = 2 ** 30;
const NOW_S = NOW_MS / 1_000;
let stage: Stage;

beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(async () => stage?.stop());

const world = (): World => new World(NOW_MS);

/** The alerts of a rule: what tells them apart, value, summary. */
async function evaluate(name: string, there: World) {
  return (await stage.evaluate(name, there)).map(({ labels, value, annotations }) => [
    labels['service'] ?? labels['location'] ?? labels['group'] ?? labels['channel'] ?? labels['reason'] ?? '',
    value,
    annotations['summary'],
  ]);
}

test('ProcessRestarting fires for a quarter of an hour after an end that nobody asked for', async () => {
  const ended = (agoS: number, restarts = 2): World =>
    world()
      .own('tocsin-checker', 'tocsin.process.restarts', -10, restarts)
      .own('tocsin-checker', 'tocsin.process.last_unexpected_end', -10, NOW_S - agoS)
      .own('tocsin-collector', 'tocsin.process.restarts', -10, 0);
  expect(await evaluate('ProcessRestarting', ended(600))).toEqual([
    ['tocsin-checker', 2, 'tocsin-checker ended without being asked, and was started again'],
  ]);
  expect(await evaluate('ProcessRestarting', ended(1_000))).toEqual([]);
});

test('ProcessSilent fires for a process that tells nothing any more, not where nothing arrives at all', async () => {
  const silent = (): World =>
    world()
      .own('tocsin-dashboards', 'process.uptime', -300, 60)
      .own('tocsin-collector', 'process.uptime', -5, 60)
      .own('tocsin-clickhouse', 'process.uptime', -7 * 3_600, 60);
  expect(await evaluate('ProcessSilent', silent().alertingLives(-100, 0))).toEqual([
    ['tocsin-dashboards', 300, 'tocsin-dashboards has been silent for 5m 0s'],
  ]);
  expect(await evaluate('ProcessSilent', silent())).toEqual([]);
});

test('MemoryLow tells once of what the machine, or a control group, has left', async () => {
  const left = (bytes: number): World => {
    const there = world();
    for (const service of ['tocsin-collector', 'tocsin-checker'])
      there
        .own(service, 'tocsin.process.memory.limit', -10, 8 * GIB)
        .own(service, 'tocsin.process.memory.available', -10, bytes)
        .own(service, 'tocsin.process.memory.available', -40, 0);
    return there;
  };
  expect(await evaluate('MemoryLow', left(0.25 * GIB))).toEqual([['', 0.25 * GIB, 'Tocsin has 256MiB of memory left']]);
  expect(await evaluate('MemoryLow', left(0.5 * GIB))).toEqual([]);
});

test('ConfigReloadFailed names who could not read it, until it can', async () => {
  const read = (successful: number): World =>
    world()
      .own('tocsin-alerting', 'tocsin.config.last_reload.successful', -70, 0)
      .own('tocsin-alerting', 'tocsin.config.last_reload.successful', -10, successful)
      .own('tocsin-alerting', 'tocsin.config.last_reload.success_time', -10, NOW_S - 7_200)
      .own('tocsin-checker', 'tocsin.config.last_reload.successful', -10, 1);
  const [found] = await evaluate('ConfigReloadFailed', read(0));
  expect(found?.[0]).toBe('tocsin-alerting');
  expect(found?.[1]).toBeCloseTo(7_200, -1);
  expect(await evaluate('ConfigReloadFailed', read(1))).toEqual([]);
});

test.each([-3_600, -6, 6, 3_600])(
  'ClockSkewed sees a clock that is %d s off, though its points are dated by it',
  async (offS) => {
    const there = world()
      .own('tocsin-checker', 'tocsin.checker.clock.offset', -10 + offS, offS, { 'tocsin.location': 'oslo' })
      .own('tocsin-checker', 'tocsin.checker.clock.offset', -10, 0, { 'tocsin.location': 'rome' });
    expect((await evaluate('ClockSkewed', there)).map(([location, value]) => [location, value])).toEqual([
      ['oslo', offS],
    ]);
  },
);

test('ClockSkewed forgets an offset that was mended, and does not mind a few seconds', async () => {
  const here = { 'tocsin.location': 'oslo' };
  const mended = world()
    .own('tocsin-checker', 'tocsin.checker.clock.offset', -60 + 900, 900, here)
    .own('tocsin-checker', 'tocsin.checker.clock.offset', -10, 4, here);
  expect(await evaluate('ClockSkewed', mended)).toEqual([]);
});

test('ListenerCertificateExpiring fires for the first one that ends', async () => {
  const ends = (inS: number): World =>
    world()
      .collector('certificate.not_after', -80, NOW_S + DAY_S, {})
      .collector('certificate.not_after', -10, NOW_S + inS, {});
  const [found] = await evaluate('ListenerCertificateExpiring', ends(3 * DAY_S));
  expect(found?.[2]).toMatch(/^The certificate of the collector expires in [23]d/);
  expect((await evaluate('ListenerCertificateExpiring', ends(-60)))[0]?.[2]).toBe(
    'The certificate of the collector has expired',
  );
  expect(await evaluate('ListenerCertificateExpiring', ends(15 * DAY_S))).toEqual([]);
  expect(await evaluate('ListenerCertificateExpiring', world())).toEqual([]);
});

test('EvaluationsMissed names the group, from the third within ten minutes on', async () => {
  const group = { 'tocsin.rule.group': 'web' };
  const missed = (count: number): World =>
    world().ownCounter(
      'tocsin-alerting',
      'tocsin.alerting.rule_group.missed_iterations',
      -9_000,
      { '-500': 4, '-10': 4 + count },
      group,
    );
  expect(await evaluate('EvaluationsMissed', missed(3))).toEqual([
    ['web', 3, 'The rules of web are evaluated less often than they should be'],
  ]);
  expect(await evaluate('EvaluationsMissed', missed(2))).toEqual([]);
});

test('NotificationsFailing fires for a refusal, and for a channel to which nothing gets through', async () => {
  const attempts = (channel: string, outcome: string, reason: string, count: number, there = world()): World =>
    there.ownCounter(
      'tocsin-alerting',
      'tocsin.alerting.notifications',
      -9_000,
      { '-800': 1, '-10': 1 + count },
      { channel, outcome, reason },
    );
  expect(await evaluate('NotificationsFailing', attempts('team/slack/0', 'failed', 'refused', 1))).toEqual([
    ['team/slack/0', 1, 'Messages do not get through team/slack/0: refused'],
  ]);
  expect(await evaluate('NotificationsFailing', attempts('team/email/0', 'retryable', 'network', 3))).toEqual([
    ['team/email/0', 3, 'Messages do not get through team/email/0: network'],
  ]);
  expect(await evaluate('NotificationsFailing', attempts('team/email/0', 'retryable', 'network', 2))).toEqual([]);
  const gotThrough = attempts('a', 'delivered', 'none', 1, attempts('a', 'retryable', 'network', 9));
  expect(await evaluate('NotificationsFailing', gotThrough)).toEqual([]);
});

test('NotificationsDropped fires for a single message that was given up', async () => {
  const dropped = (count: number): World =>
    world().ownCounter(
      'tocsin-alerting',
      'tocsin.alerting.outbox.dropped',
      -9_000,
      { '-800': 7, '-10': 7 + count },
      {},
    );
  expect(await evaluate('NotificationsDropped', dropped(1))).toEqual([
    ['', 1, '1 messages were given up: too many waited'],
  ]);
  expect(await evaluate('NotificationsDropped', dropped(0))).toEqual([]);
});

test('HeartbeatNotSent fires where none goes out any more', async () => {
  const sent = (counts: Readonly<Record<string, number>>): World => {
    const there = world();
    for (const [outcome, count] of Object.entries(counts))
      there.ownCounter(
        'tocsin-alerting',
        'tocsin.alerting.oncall.heartbeats',
        -9_000,
        { '-590': 5, '-10': 5 + count },
        { outcome },
      );
    return there;
  };
  expect(await evaluate('HeartbeatNotSent', sent({ failed: 2, withheld: 1, sent: 0 }))).toEqual([
    ['', 3, 'The outward heartbeat does not go out'],
  ]);
  expect(await evaluate('HeartbeatNotSent', sent({ failed: 3, sent: 1 }))).toEqual([]);
  expect(await evaluate('HeartbeatNotSent', sent({ sent: 0 }))).toEqual([]);
});

test('ProbesLate tells of the mean of five minutes, by location', async () => {
  const late = (meanS: number): World =>
    world()
      .lateness('oslo', -280, 1_000, 500)
      .lateness('oslo', -10, 1_100, 500 + 100 * meanS)
      .lateness('rome', -280, 10, 1)
      .lateness('rome', -10, 20, 1);
  expect(await evaluate('ProbesLate', late(2))).toEqual([['oslo', 2, 'Probes at oslo begin 2s late']]);
  expect(await evaluate('ProbesLate', late(0.9))).toEqual([]);
});

test('ProbesSkipped and ProbeResultsDropped name the reason', async () => {
  const counted = (metric: string, count: number, reason: string): World =>
    world().ownCounter('tocsin-checker', metric, -9_000, { '-590': 5, '-10': 5 + count }, { reason });
  expect(await evaluate('ProbesSkipped', counted('tocsin.checker.runs.skipped', 10, 'no_capacity'))).toEqual([
    ['no_capacity', 10, '10 probes were left out within 10 minutes: no_capacity'],
  ]);
  expect(await evaluate('ProbesSkipped', counted('tocsin.checker.runs.skipped', 9, 'overrun'))).toEqual([]);
  expect(await evaluate('ProbeResultsDropped', counted('tocsin.checker.results.dropped', 1, 'overflow'))).toEqual([
    ['overflow', 1, 'The checker lost 1 results: overflow'],
  ]);
  expect(await evaluate('ProbeResultsDropped', counted('tocsin.checker.results.dropped', 0, 'overflow'))).toEqual([]);
});
