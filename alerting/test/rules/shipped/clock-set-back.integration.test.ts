import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NOW_MS, Stage } from './stage.ts';
import { type Told, World } from './world.ts';

/*
 * A checker's clock was ten minutes ahead until it was set back, five minutes ago. What it had dated into the future has its time by now, between what it
 * tells since.
 */
let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage?.stop());

const SHOP = { shop: 10 };
const SET_BACK_S = -300;
const AHEAD_UNTIL_S = 300;
const monitorsOf = async (name: string, there: World) =>
  (await stage.evaluate(name, there)).map(({ labels }) => labels['monitor'] ?? labels['location']);

/** What it told while its clock was ahead: the last before now is two seconds old. */
const ahead = (there: World, told: Told): World => there.listing(SET_BACK_S - 2, AHEAD_UNTIL_S, SHOP, told);
/** What it tells since: its order goes on where it was. */
function since(there: World, fromS: number, toS: number, told: Told): World {
  for (let atS = fromS; atS <= toS; atS += 30)
    there.list(atS, SHOP, { ...told, orderS: AHEAD_UNTIL_S + (atS - SET_BACK_S + 1) / 1_000 });
  return there;
}

describe('after a clock was set back, what was told before counts no more', () => {
  test('a monitor that was down then and is up now is not down, and the other way round', async () => {
    const up = ahead(new World(NOW_MS), { states: { shop: 'down' } });
    expect(await monitorsOf('MonitorDown', since(up, SET_BACK_S + 15, -15, { states: { shop: 'up' } }))).toEqual([]);
    const down = ahead(new World(NOW_MS), { states: { shop: 'up' } });
    expect(await monitorsOf('MonitorDown', since(down, SET_BACK_S + 15, -15, { states: { shop: 'down' } }))).toEqual([
      'shop',
    ]);
  });

  test('a change is told between two lists in the same order', async () => {
    const there = ahead(new World(NOW_MS), { states: { shop: 'up' } });
    since(there, SET_BACK_S + 15, -15, { states: { shop: 'up' } });
    there.state('shop', -7, 'down', 'default', AHEAD_UNTIL_S + 0.5);
    expect(await monitorsOf('MonitorDown', there)).toEqual(['shop']);
  });

  test('it does not vote on what stays down while the locations are divided', async () => {
    const there = ahead(new World(NOW_MS), { location: 'a', states: { shop: 'down' } });
    since(there, SET_BACK_S + 15, -135, { location: 'a', states: { shop: 'up' } });
    since(there, -105, -15, { location: 'a', states: { shop: 'down' } });
    there.listing(-290, -150, SHOP, { location: 'b', states: { shop: 'down' } });
    there.listing(-120, 0, SHOP, { location: 'b', states: { shop: 'up' } });
    expect(await monitorsOf('MonitorDown', there)).toEqual([]);
  });

  test('a checker that is gone since is silent', async () => {
    const both = { states: { shop: 'down' } } as const;
    const there = ahead(new World(NOW_MS), { location: 'a', ...both }).alertingLives(-900, 0);
    there.listing(-1_500, -930, SHOP, { location: 'a', ...both });
    since(there, -890, -410, { location: 'a', ...both });
    there.listing(-1_505, -425, SHOP, { location: 'b', ...both });
    there.listing(-395, -5, SHOP, { location: 'b', states: { shop: 'up' } });
    expect(await monitorsOf('CheckerSilent', there)).toEqual(['a']);
    expect(await monitorsOf('MonitorDown', there), 'and does not vote').toEqual([]);
  });

  test('a checker that was blind then and sees now is not blind, and one that has become blind is', async () => {
    const sees = ahead(new World(NOW_MS), { blind: true });
    expect(await monitorsOf('CheckerBlind', since(sees, SET_BACK_S + 15, -15, {}))).toEqual([]);
    const blind = ahead(new World(NOW_MS), {});
    expect(await monitorsOf('CheckerBlind', since(blind, SET_BACK_S + 15, -15, { blind: true }))).toEqual(['default']);
  });

  test('a checker that was restarted since does not share its location with the one it was, as two do that overlap in their order', async () => {
    const restarted = ahead(new World(NOW_MS), { instance: 'before' });
    expect(await monitorsOf('CheckersShareLocation', since(restarted, -105, -15, { instance: 'after' }))).toEqual([]);
    const both = since(new World(NOW_MS), -165, -15, { instance: 'one' }).listing(-160, -10, SHOP, {
      instance: 'other',
    });
    since(both, -150, -20, { instance: 'third' });
    expect(await monitorsOf('CheckersShareLocation', both)).toEqual(['default']);
  });
});
