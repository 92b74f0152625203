import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Found, NOW_MS, Stage } from './stage.ts';
import { type Outcome, type State, World } from './world.ts';

/* What MonitorDown makes of the votes of an hour: who comes and goes, who stops knowing, and in which order. */
let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage?.stop());

const SHOP = { shop: 10 };
const MINUTE_S = 60;
const down = async (there: World) => monitorsOf(await stage.evaluate('MonitorDown', there));
const monitorsOf = (found: readonly Found[]) => found.map(({ labels }) => labels['monitor'] ?? '').sort();

/** What a location tells of the shop, every 30 s of that time. */
type Stretch = readonly [location: string, fromS: number, toS: number, state: Outcome | State];
const play = (...stretches: readonly Stretch[]) =>
  stretches.reduce(
    (there, [location, fromS, toS, state]) => there.listing(fromS, toS, SHOP, { location, states: { shop: state } }),
    new World(NOW_MS),
  );

test('after a time in which all were silent, the first location to come back does not decide alone', async () => {
  const before: readonly Stretch[] = [
    ['a', -3_000, -900, 'down'],
    ['b', -3_005, -905, 'up'],
    ['c', -3_010, -910, 'up'],
  ];
  expect(await down(play(...before, ['a', -5, 0, 'down']))).toEqual([]);
  expect(await down(play(...before, ['a', -4 * MINUTE_S, 0, 'down']))).toEqual([]);
  expect(await down(play(...before, ['a', -6 * MINUTE_S, 0, 'down'])), 'the others do not come back').toEqual(['shop']);
  const weekend = before.map(([at, from, to, state]) => [at, from - 200_000, to - 200_000, state] as const);
  expect(await down(play(...weekend, ['a', -5, 0, 'down'])), 'after days').toEqual([]);
});

test('a location that was alone in finding it down, and knows nothing now, does not decide once the others are silent', async () => {
  const minority: readonly Stretch[] = [
    ['a', -1_800, -800, 'down'],
    ['a', -770, 0, { state: 'unknown', was: 'down' }],
    ['b', -1_805, -600, 'up'],
    ['c', -1_810, -600, 'up'],
  ];
  expect(await down(play(...minority))).toEqual([]);
});

test('what nobody knows for hours stays as it was, unless somebody is silent who might have known better', async () => {
  const unknown: readonly Stretch[] = [
    ['a', -7_200, -7_200, 'down'],
    ['a', -7_170, 0, { state: 'unknown', was: 'down' }],
  ];
  expect(await down(play(...unknown))).toEqual(['shop']);
  expect(await down(play(...unknown, ['b', -7_200, -1_500, 'up']))).toEqual([]);
});

test('the end of a maintenance, which comes at a location first, is no majority', async () => {
  const muted = { state: 'down', mutedBy: 'maintenance' } as const;
  const both: readonly Stretch[] = [
    ['a', -1_800, -1_200, 'up'],
    ['b', -1_787, -1_187, 'up'],
    ['a', -1_170, -330, muted],
    ['b', -1_157, -317, muted],
    ['a', -300, 0, 'down'],
  ];
  expect(await down(play(...both, ['b', -287, -17, 'up'])), 'b found it up again').toEqual([]);
  expect(await down(play(...both, ['b', -287, -17, muted])), 'b is not there yet').toEqual([]);
  expect(await down(play(...both, ['b', -287, -17, 'down'])), 'both find it down').toEqual(['shop']);
});

test('a location that joins does not undo what the others had agreed on', async () => {
  const agreed: readonly Stretch[] = [
    ['a', -3_300, 0, 'down'],
    ['b', -3_287, -317, 'down'],
    ['b', -287, -17, { state: 'unknown', was: 'down' }],
  ];
  expect(await down(play(...agreed, ['c', -286, -16, 'up']))).toEqual(['shop']);
});

test('a location whose states leave it open keeps no others from telling', async () => {
  const there = play(['a', -300, 0, 'down']).listing(-300, 0, SHOP, { location: 'b' });
  const [found] = await stage.evaluate('MonitorDown', there);
  expect(found?.annotations).toMatchObject({ locations: 'a', unknown_at: 'b' });
});

/** Evenly distributed numbers, the same in every run. Source: Marsaglia, Xorshift RNGs. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const STATES: readonly (Outcome | State)[] = [
  'up',
  'up',
  'down',
  'down',
  'degraded',
  { state: 'unknown', was: 'up' },
  { state: 'unknown', was: 'down' },
  { state: 'down', mutedBy: 'dependency' },
  { state: 'down', mutedBy: 'maintenance' },
];

interface Told {
  readonly atS: number;
  readonly place: string;
  readonly states: Readonly<Record<string, Outcome | State>>;
}

const slotOf = (atS: number): number => Math.floor((NOW_MS / 1_000 + atS) / 30);

/** The rule, told by heart: after every list, who votes, what they say, and what was said before. */
function isDownAtTheEnd(monitor: string, lists: readonly Told[]): boolean {
  let verdict: boolean | undefined;
  const last = new Map<string, Told>();
  for (const [index, list] of lists.entries()) {
    last.set(list.place, list);
    // Those who come at the beginning are heard together.
    if (list.atS - (lists[0]?.atS ?? 0) < 60) continue;
    const told = new Set(lists.slice(0, index + 1).map(({ atS }) => slotOf(atS)));
    const live = [...last.values()].filter(({ atS }) => [...told].filter((slot) => slot > slotOf(atS)).length <= 10);
    const states = live.map(({ states: { [monitor]: state = 'up' } }): State =>
      typeof state === 'string' ? { state } : state,
    );
    const voices = states.filter(({ state, mutedBy }) => state !== 'unknown' && mutedBy !== 'dependency');
    const downs = voices.filter(({ state }) => state === 'down').length;
    const hasDoubt = downs > 0 || states.some(({ state, was }) => state === 'unknown' && was === 'down');
    if (states.some(({ mutedBy }) => mutedBy === 'maintenance')) verdict = false;
    else if (downs * 2 !== voices.length) verdict = downs * 2 > voices.length;
    else if (!hasDoubt) verdict = false;
  }
  return verdict ?? false;
}

test.each([1, 2, 3, 5])(
  'however %d locations change their minds and fall silent, the verdict is the one that is told by heart',
  async (count) => {
    const random = randomNumbers(count * 7_919);
    const places = Array.from({ length: count }, (_, index) => `place-${index}`);
    const names = Array.from({ length: 60 }, (_, index) => `m${index}`);
    const there = new World(NOW_MS);
    const lists: Told[] = [];
    for (const [index, place] of places.entries()) {
      const states: Record<string, Outcome | State> = Object.fromEntries(names.map((name) => [name, 'up']));
      let silentUntilS = -Infinity;
      for (let atS = -3_000 + index; atS <= -5 + index; atS += 30) {
        for (const name of names)
          if (atS > -2_900 && random(12) === 0) states[name] = STATES[random(STATES.length)] ?? 'up';
        if (atS > -2_900 && atS < -600 && random(40) === 0) silentUntilS = atS + 60 * random(20);
        if (atS < silentUntilS) continue;
        lists.push({ atS, place, states: { ...states } });
        there.list(atS, Object.fromEntries(names.map((name) => [name, 10])), { location: place, states });
      }
    }
    lists.sort((a, b) => a.atS - b.atS);
    const found = await down(there);
    expect(found).toEqual(names.filter((name) => isDownAtTheEnd(name, lists)).sort());
    expect(found.length).toBeGreaterThan(5);
  },
);
