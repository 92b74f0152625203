import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY_S, type Found, NOW_MS, Stage } from './stage.ts';
import { type Outcome, type State, World } from './world.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage?.stop());

const evaluate: Stage['evaluate'] = (...what) => stage.evaluate(...what);
const world = () => new World(NOW_MS);
const monitors = (found: readonly Found[]) => found.map(({ labels }) => labels['monitor']).sort();

describe('MonitorDown', () => {
  const SHOP = { shop: 10 };
  /** A list every 30 s of the last five minutes, from each location with what it says of the shop. */
  const told = (...says: (readonly [location: string, state: Outcome | State])[]) =>
    says.reduce(
      (there, [location, state]) => there.listing(-300, 0, SHOP, { location, states: { shop: state } }),
      world(),
    );

  test('fires for a monitor that is down, with reason and trace of its last run', async () => {
    const there = world().listing(-300, -30, { shop: 10, pay: 10 }, { states: { shop: 'up', pay: 'up' } });
    there.probes('shop', -295, -25, 10, 'up').probes('pay', -290, -5, 10, 'up');
    there.probe('shop', -15, 'down', 'status 500');
    const traceId = there.probe('shop', -5, 'down', 'connection refused');
    expect(await evaluate('MonitorDown', there), 'not confirmed').toEqual([]);
    const [down, ...others] = await evaluate('MonitorDown', there.state('shop', -4, 'down'));
    expect(others).toEqual([]);
    expect(down).toMatchObject({
      labels: { alertname: 'MonitorDown', monitor: 'shop', severity: 'page' },
      value: 2,
      annotations: {
        reason: 'connection refused',
        trace_id: traceId,
        target: 'http://shop/',
        kind: 'http',
        last_passed: '2026-11-22T12:34:31Z',
        summary: 'shop is down: connection refused',
        description: 'http://shop/ failed its last 2 probes; it last passed at 2026-11-22T12:34:31Z.',
      },
    });
    expect(Object.keys(down?.labels ?? {}).sort()).toEqual(['alertname', 'monitor', 'severity']);
  });

  test('does not fire, nor fail, where no checker has ever told anything', async () => {
    expect(await evaluate('MonitorDown', world())).toEqual([]);
  });

  test('does not fire once it is up again, is only degraded, or is said to be down in the future', async () => {
    const there = world()
      .listing(-60, -30, SHOP, { states: { shop: 'down' } })
      .list(0, SHOP, { states: { shop: 'up' } })
      .state('shop', 5, 'down');
    there.state('shop', 0.5, 'up');
    expect(await evaluate('MonitorDown', there)).toEqual([]);
    expect(await evaluate('MonitorDown', told(['riga', 'degraded']))).toEqual([]);
  });

  test('keeps firing over runs that know nothing', async () => {
    expect(monitors(await evaluate('MonitorDown', told(['riga', { state: 'unknown', was: 'down' }])))).toEqual([
      'shop',
    ]);
    expect(await evaluate('MonitorDown', told(['riga', { state: 'unknown', was: 'up' }]))).toEqual([]);
  });

  test('does not fire for a monitor that is no longer in the list, be it the last one', async () => {
    const states = { states: { shop: 'up', old: 'down' } } as const;
    const there = world()
      .listing(-120, -60, { shop: 10, old: 10 }, states)
      .list(-30, SHOP, { states: { shop: 'up' } });
    expect(await evaluate('MonitorDown', there)).toEqual([]);
    const empty = world()
      .listing(-120, -60, SHOP, { states: { shop: 'down' } })
      .list(-30, {});
    expect(await evaluate('MonitorDown', empty)).toEqual([]);
  });

  test('does not fire for what was known before the monitor left the list and came back', async () => {
    const back = world()
      .listing(-120, -60, SHOP, { states: { shop: 'down' } })
      .list(-30, {})
      .list(-10, SHOP);
    expect(await evaluate('MonitorDown', back)).toEqual([]);
    expect(monitors(await evaluate('MonitorDown', back.state('shop', -5, 'down')))).toEqual(['shop']);
  });

  test('stays firing while the checkers are silent, for days, and while results that were kept back come in', async () => {
    for (const ago of [3_600, 2 * DAY_S, 6 * DAY_S]) {
      const there = world().listing(-ago - 300, -ago, { shop: 10, pay: 10 }, { states: { shop: 'down', pay: 'up' } });
      expect(monitors(await evaluate('MonitorDown', there)), `${ago} s`).toEqual(['shop']);
    }
  });

  test('names the reason of a monitor that runs once a day', async () => {
    const there = world().listing(-300, 0, { daily: DAY_S, shop: 10 }, { states: { daily: 'down', shop: 'up' } });
    there.probe('daily', -20 * 3_600, 'down', 'refused');
    expect((await evaluate('MonitorDown', there))[0]?.annotations['summary']).toBe('daily is down: refused');
  });

  test('waits four seconds for the trace of a run, not longer', async () => {
    const seen = async (atS: number, withTrace: boolean) => {
      const there = world()
        .list(-30, SHOP, { states: { shop: 'up' } })
        .state('shop', atS, 'down');
      there.probe('shop', atS, 'down', 'refused', withTrace);
      return monitors(await evaluate('MonitorDown', there));
    };
    expect(await seen(-1, true)).toEqual(['shop']);
    expect(await seen(-1, false)).toEqual([]);
    expect(await seen(-3, false)).toEqual([]);
    expect(await seen(-5, false)).toEqual(['shop']);
  });

  test('is muted in maintenance, and where another monitor explains it', async () => {
    for (const mutedBy of ['maintenance', 'dependency'] as const)
      expect(await evaluate('MonitorDown', told(['riga', { state: 'down', mutedBy }])), mutedBy).toEqual([]);
  });

  test.each<[string, readonly (readonly [string, Outcome | State])[], boolean]>([
    [
      'two of three',
      [
        ['a', 'down'],
        ['b', 'down'],
        ['c', 'up'],
      ],
      true,
    ],
    [
      'one of three',
      [
        ['a', 'down'],
        ['b', 'up'],
        ['c', 'degraded'],
      ],
      false,
    ],
    [
      'one of two that never agreed',
      [
        ['a', 'down'],
        ['b', 'up'],
      ],
      false,
    ],
    [
      'one of two that know',
      [
        ['a', 'down'],
        ['b', 'down'],
        ['c', { state: 'unknown', was: 'up' }],
        ['d', 'up'],
      ],
      true,
    ],
    [
      'the only one that knows',
      [
        ['a', 'down'],
        ['b', { state: 'unknown', was: 'up' }],
        ['c', { state: 'unknown', was: 'up' }],
      ],
      true,
    ],
    [
      'nobody that knows, most of whom knew it to be down',
      [
        ['a', { state: 'unknown', was: 'down' }],
        ['b', { state: 'unknown', was: 'down' }],
        ['c', { state: 'unknown', was: 'up' }],
      ],
      true,
    ],
    [
      'one whose failure is explained beside one that is up',
      [
        ['a', { state: 'down', mutedBy: 'dependency' }],
        ['b', 'up'],
      ],
      false,
    ],
  ])('of several locations %s decide', async (_who, says, fires) => {
    expect(monitors(await evaluate('MonitorDown', told(...says)))).toEqual(fires ? ['shop'] : []);
  });

  test('names the locations where it is down, the dissenters and who knows nothing', async () => {
    const there = told(['riga', 'down'], ['oslo', 'down'], ['york', 'up'], ['perth', { state: 'unknown', was: 'up' }]);
    for (const location of ['riga', 'oslo']) there.state('shop', -0.5, 'down', location);
    const [down] = await evaluate('MonitorDown', there);
    expect(down?.annotations).toMatchObject({ locations: 'oslo, riga', dissenters: 'york', unknown_at: 'perth' });
    expect(down?.annotations['description']).toContain(
      'It is down at oslo, riga. It is up at york. Nothing is known at perth.',
    );
  });

  test('on an even split stays what the last majority said', async () => {
    const both = (fromS: number, toS: number, a: Outcome, b: Outcome, there = world()) =>
      there
        .listing(fromS, toS, SHOP, { location: 'a', states: { shop: a } })
        .listing(fromS + 7, toS + 7, SHOP, { location: 'b', states: { shop: b } });
    const wasDown = both(-210, -10, 'up', 'down', both(-900, -240, 'down', 'down'));
    expect(monitors(await evaluate('MonitorDown', wasDown))).toEqual(['shop']);
    const wasUp = both(-210, -10, 'down', 'up', both(-900, -240, 'up', 'up'));
    expect(await evaluate('MonitorDown', wasUp)).toEqual([]);
    const isUp = both(-210, -10, 'up', 'up', both(-900, -240, 'down', 'down'));
    expect(await evaluate('MonitorDown', isUp)).toEqual([]);
  });

  test('leaves a location out that is five minutes behind the others', async () => {
    const there = world().listing(-900, -360, SHOP, { location: 'gone', states: { shop: 'up' } });
    there.listing(-300, 0, SHOP, { location: 'here', states: { shop: 'down' } });
    const [down] = await evaluate('MonitorDown', there);
    expect(down?.annotations['dissenters'] ?? '').toBe('');
    expect(down?.labels['monitor']).toBe('shop');
  });
});
