import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY_S, type Found, NOW_MS, Stage } from './stage.ts';
import { World } from './world.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage?.stop());

const evaluate: Stage['evaluate'] = (...what) => stage.evaluate(...what);
const world = () => new World(NOW_MS);
const monitors = (found: readonly Found[]) => found.map(({ labels }) => labels['monitor']).sort();

describe('every shipped rule', () => {
  test('finds nothing where there is nothing', async () => {
    const empty = world();
    await empty.write(stage.clickhouse);
    const names = stage.groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
    expect(names).toHaveLength(26);
    for (const name of names) expect(await evaluate(name, empty, false), name).toEqual([]);
  });

  test('has a severity, a summary, a description and a runbook', () => {
    for (const rule of stage.groups.flatMap(({ rules }) => rules)) {
      expect(rule.labels['severity'], rule.alert).toMatch(/^(?:page|ticket)$/);
      for (const name of ['summary', 'description', 'runbook'])
        expect(rule.annotations[name], `${rule.alert} ${name}`).toBeTruthy();
    }
  });
});

describe('CheckersShareLocation', () => {
  const twice = (firstToS: number, secondFromS: number) =>
    world()
      .listing(-150, firstToS, { shop: 10 }, { location: 'riga', instance: 'a' })
      .listing(secondFromS, 0, { shop: 10 }, { location: 'riga', instance: 'b' })
      .listing(-150, 0, { shop: 10 }, { location: 'oslo', instance: 'c' });

  test('fires where two checkers tell of one location at the same time', async () => {
    const [found, ...others] = await evaluate('CheckersShareLocation', twice(0, -130));
    expect(others).toEqual([]);
    expect(found).toMatchObject({ labels: { location: 'riga', severity: 'ticket' }, value: 2 });
    expect(found?.annotations['summary']).toBe('2 checkers say that they are at riga');
  });

  test('is silent when one took the place of the other', async () => {
    expect(await evaluate('CheckersShareLocation', twice(-90, -80))).toEqual([]);
  });
});

describe('ProbeResultsMissing', () => {
  const blind = (intervalS: number, lastS: number, listedFromS: number) =>
    world()
      .listing(listedFromS, 0, { shop: intervalS, pay: 10 })
      .probes('pay', -600, 0, 10, 'up')
      .probes('shop', lastS, lastS, 1, 'up');

  test('fires when a listed monitor has had no result for two minutes', async () => {
    const there = blind(10, -125, -600).probes('shop', -100, 0, 10, 'unknown');
    const [found, ...others] = await evaluate('ProbeResultsMissing', there);
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      labels: { monitor: 'shop', severity: 'ticket' },
      annotations: { reason: 'no_network' },
    });
    expect(await evaluate('ProbeResultsMissing', blind(10, -110, -600))).toEqual([]);
  });

  test('waits with the checker for the first call of a job', async () => {
    const there = blind(10, -5_000, -600).probes('shop', -600, 0, 10, 'unknown', 'heartbeat_waiting');
    expect(await evaluate('ProbeResultsMissing', there)).toEqual([]);
  });

  test('gives a slow monitor three of its intervals', async () => {
    expect(await evaluate('ProbeResultsMissing', blind(300, -800, -2_000))).toEqual([]);
    expect(monitors(await evaluate('ProbeResultsMissing', blind(300, -950, -2_000)))).toEqual(['shop']);
  });

  test('does not fire for a new monitor, nor just after the checker came back', async () => {
    expect(await evaluate('ProbeResultsMissing', blind(300, -5_000, -300))).toEqual([]);
    const back = world().listing(-4_000, -1_800, { shop: 300 }).probes('shop', -4_000, -1_800, 300, 'up');
    expect(await evaluate('ProbeResultsMissing', back.listing(-60, 0, { shop: 300 }))).toEqual([]);
  });

  const HOUR_S = 3_600;
  /** Daily, listed since a while by a checker that sees or does not, with its last result some hours ago. */
  const daily = (lastH: number, listedFromH: number, told: { blind?: boolean } = {}, listedToH = 0) =>
    world()
      .probes('daily', -lastH * HOUR_S, -lastH * HOUR_S, 1, 'up')
      .listing(
        -listedFromH * HOUR_S,
        -listedToH * HOUR_S,
        { daily: DAY_S, pay: 10 },
        { ...told, states: { daily: 'up' } },
      )
      .probes('pay', -600, 0, 10, 'up');

  test('gives a daily monitor three days, and up to an hour more', async () => {
    expect(await evaluate('ProbeResultsMissing', daily(70, 80))).toEqual([]);
    const there = daily(74, 80).probes('daily', -2 * HOUR_S, -2 * HOUR_S, 1, 'unknown', 'dns_unavailable');
    const [found, ...others] = await evaluate('ProbeResultsMissing', there);
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      labels: { monitor: 'daily' },
      value: 3 * DAY_S,
      annotations: { reason: 'dns_unavailable', target: 'http://daily/' },
    });
    const waiting = daily(74, 80).probes('daily', -2 * HOUR_S, -2 * HOUR_S, 1, 'unknown', 'heartbeat_waiting');
    expect(await evaluate('ProbeResultsMissing', waiting)).toEqual([]);
  });

  test('says it of a daily monitor that has never known anything, once it has been there for long', async () => {
    const there = world().listing(-80 * HOUR_S, 0, { daily: DAY_S });
    for (const hoursAgo of [73, 49, 25, 1]) there.probe('daily', -hoursAgo * HOUR_S, 'unknown');
    expect(monitors(await evaluate('ProbeResultsMissing', there))).toEqual(['daily']);
  });

  test('does not fire for a daily monitor that is new, nor after the checker was away or blind', async () => {
    expect(await evaluate('ProbeResultsMissing', world().listing(-30 * HOUR_S, 0, { daily: DAY_S }))).toEqual([]);
    expect(await evaluate('ProbeResultsMissing', world().listing(-600, 0, { daily: DAY_S }))).toEqual([]);
    const away = daily(80, 100, {}, 60).listing(-20 * HOUR_S, 0, { daily: DAY_S });
    expect(await evaluate('ProbeResultsMissing', away)).toEqual([]);
    const blind = daily(80, 79, { blind: true }, 20).listing(-20 * HOUR_S, 0, { daily: DAY_S });
    expect(await evaluate('ProbeResultsMissing', blind)).toEqual([]);
  });

  test('is quiet of monitors that a checker has not come to since it was blind', async () => {
    const there = world().probes('slow', -3_000, -3_000, 1, 'up').listing(-3_000, -420, { slow: 300 }, { blind: true });
    expect(await evaluate('ProbeResultsMissing', there.listing(-390, 0, { slow: 300 }))).toEqual([]);
    const later = world().probes('slow', -3_000, -3_000, 1, 'up').listing(-3_000, -600, { slow: 300 }, { blind: true });
    expect(monitors(await evaluate('ProbeResultsMissing', later.listing(-570, 0, { slow: 300 })))).toEqual(['slow']);
  });

  test('leaves a blind checker to CheckerBlind, unless another location ought to know', async () => {
    const alone = world().listing(-600, 0, { shop: 10 }, { blind: true }).probes('shop', -600, -300, 10, 'up');
    expect(await evaluate('ProbeResultsMissing', alone)).toEqual([]);
    expect(await evaluate('CheckerBlind', alone, false)).toMatchObject([
      {
        labels: { location: 'default', severity: 'page' },
        annotations: { summary: 'The checker at default is blind' },
      },
    ]);
    const oslo = alone.listing(-600, 0, { shop: 10 }, { location: 'oslo' });
    expect(monitors(await evaluate('ProbeResultsMissing', oslo))).toEqual(['shop']);
    const sees = world().listing(-600, -60, {}, { blind: true }).list(-10, {});
    expect(await evaluate('CheckerBlind', sees)).toEqual([]);
  });

  test('leaves a silent checker to CheckerSilent', async () => {
    const there = world().listing(-900, -300, { shop: 10 }).probes('shop', -900, -600, 10, 'up');
    expect(await evaluate('ProbeResultsMissing', there)).toEqual([]);
  });
});

describe('CheckerSilent and TelemetryNotArriving', () => {
  test('the first fires when the checker was there and is silent for two minutes', async () => {
    const there = world().listing(-890, -200, { shop: 10 }).alertingLives(-900, 0);
    expect(await evaluate('CheckerSilent', there)).toMatchObject([
      {
        value: 200,
        labels: { location: 'default' },
        annotations: { summary: 'The checker at default has been silent for 3m 20s' },
      },
    ]);
    expect(await evaluate('TelemetryNotArriving', there, false)).toEqual([]);
    expect(await evaluate('CheckerSilent', world().listing(-900, -90, {}).alertingLives(-900, 0))).toEqual([]);
  });

  test('only the second fires when nothing arrives', async () => {
    const there = world().listing(-900, -200, { shop: 10 }).alertingLives(-900, -200);
    expect(await evaluate('CheckerSilent', there)).toEqual([]);
    expect(await evaluate('TelemetryNotArriving', there, false)).toHaveLength(1);
  });
});

describe('CertificateExpiring', () => {
  test('fires below 14 days, also after the end', async () => {
    const there = world().listing(-300, 0, { soon: 60, later: 60, over: 60, gone: 60 });
    there.certificate('soon', -400, 30 * DAY_S).certificate('soon', -30, 13 * DAY_S + 3_600);
    there
      .certificate('later', -30, 15 * DAY_S)
      .certificate('over', -30, -3_600)
      .certificate('unlisted', -30, 60);
    const found = await evaluate('CertificateExpiring', there);
    expect(monitors(found)).toEqual(['over', 'soon']);
    const texts = found.map(({ annotations }) => annotations['summary']).sort();
    expect(texts).toEqual(['The certificate of over has expired', 'The certificate of soon expires in 13d 1h 0m 0s']);
    expect(found.find(({ labels }) => labels['monitor'] === 'soon')?.annotations['description']).toContain(
      '2026-12-05 13:34 UTC',
    );
  });
});

describe('the storage', () => {
  const GIB = 2 ** 30;
  const disk =
    (name: string, freeGib: number, totalGib: number, atS = -10) =>
    (there: World) =>
      there
        .collector('disk.free', atS, freeGib * GIB, { disk: name })
        .collector('disk.total', atS, totalGib * GIB, { disk: name });

  test('DiskNearlyFull fires below a tenth and 20 GiB, by what was said last', async () => {
    const there = world();
    for (const put of [
      disk('full', 50, 100, -60),
      disk('full', 5, 100),
      disk('large', 90, 1_000),
      disk('small', 19, 100),
      disk('freed', 1, 100, -60),
      disk('freed', 60, 100),
      disk('gone', 1, 100, -400),
    ])
      put(there);
    const found = await evaluate('DiskNearlyFull', there);
    expect(found.map(({ labels }) => labels['disk'])).toEqual(['full']);
    expect(found[0]?.annotations).toMatchObject({ summary: 'The disk of ClickHouse has 5GiB left' });
    expect(found[0]?.annotations['description']).toContain('Of 100.00 GiB on disk full.');
  });

  test('PartitionsDropped fires for an hour after a partition went and names the last one', async () => {
    const nowS = Math.floor(NOW_MS / 1_000);
    const dropped =
      (table: string, partition: string, agoS: number, atS = -10) =>
      (there: World) =>
        there.collector('disk.last_drop', atS, nowS - agoS, { table, partition });
    const there = world();
    dropped('otel_logs', '2026-11-01', 900, -200)(there);
    dropped('otel_logs', '2026-11-02', 600)(there);
    dropped('otel_traces', '2026-11-01', 3_700)(there);
    const found = await evaluate('PartitionsDropped', there);
    expect(found).toMatchObject([
      {
        labels: { table: 'otel_logs', severity: 'ticket' },
        value: 600,
        annotations: { summary: 'Telemetry of 2026-11-02 was dropped from otel_logs: the disk is full' },
      },
    ]);
  });

  test('RetentionNotApplied fires for a table that is not as configured, until it is', async () => {
    const there = world();
    there
      .collector('retention.applied', -70, 1, { table: 'otel_logs' })
      .collector('retention.applied', -10, 0, { table: 'otel_logs' });
    there
      .collector('retention.applied', -70, 0, { table: 'otel_traces' })
      .collector('retention.applied', -10, 1, { table: 'otel_traces' });
    const found = await evaluate('RetentionNotApplied', there);
    expect(found.map(({ labels }) => labels['table'])).toEqual(['otel_logs']);
  });
});
