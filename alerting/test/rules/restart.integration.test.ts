import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { group, sample, Scenario } from './scenario.ts';

const S = 1_000;
const MIN = 60 * S;
let folder: string;
let scenario: Scenario;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-rules-'));
  scenario = new Scenario(join(folder, 'alerting.sqlite'));
});
afterEach(() => {
  scenario.close();
  rmSync(folder, { recursive: true });
});

/** A rule that is true, with a `for` of one hour, evaluated every minute. */
function slowly() {
  scenario.close();
  scenario = new Scenario(join(folder, 'alerting.sqlite'), 60 * S);
  const rules = group({ intervalMs: 60 * S, rules: [{ alert: 'Down', forMs: 60 * MIN }] });
  scenario.apply(rules).set('Down', sample());
  return rules;
}

describe('across a restart', () => {
  test('a firing alert stays the same firing alert, however long it took', async () => {
    const rules = group({ rules: [{ alert: 'Down', forMs: 5 * MIN }] });
    scenario.apply(rules).set('Down', sample({ monitor: 'shop' }, Number.NaN));
    await scenario.until(320);
    scenario.restart(86_400, rules);
    expect(await scenario.until(86_420)).toEqual(['firing Down{monitor=shop}']);
    expect(scenario.lastStart()).toBe(310);
  });

  test('a firing alert that became false in between resolves', async () => {
    const rules = group({ rules: [{ alert: 'Down' }] });
    scenario.apply(rules).set('Down', sample());
    await scenario.until(20);
    scenario.restart(30, rules).set('Down');
    expect(await scenario.until(40)).toEqual(['resolved Down']);
    expect(await scenario.until(60)).toEqual([]);
  });

  test('an alert that was kept firing is kept for the rest of its time', async () => {
    const rules = group({ rules: [{ alert: 'Down', keepFiringForMs: 60 * S }] });
    scenario.apply(rules).set('Down', sample());
    await scenario.until(10);
    scenario.set('Down');
    await scenario.until(40);
    scenario.restart(50, rules);
    expect(await scenario.until(79)).toEqual(['firing Down']);
    expect(await scenario.until(80)).toEqual(['resolved Down']);
  });

  test('the elapsed part of `for` is kept, without the time nobody looked', async () => {
    const rules = slowly();
    await scenario.until(60 + 20 * 60);
    // 40 minutes are left, whatever the outage took.
    scenario.restart(50 * 60, rules);
    expect(await scenario.until(90 * 60 - 1)).toEqual([]);
    expect(await scenario.until(90 * 60)).toEqual(['firing Down']);
  });

  test('at least ten minutes of grace are left to a pending alert', async () => {
    const rules = slowly();
    await scenario.until(60 + 58 * 60);
    scenario.restart(60 * 60, rules);
    expect(await scenario.until(70 * 60 - 1)).toEqual([]);
    expect(await scenario.until(70 * 60)).toEqual(['firing Down']);
  });

  test('a `for` below the grace begins anew', async () => {
    const rules = group({ rules: [{ alert: 'Down', forMs: 30 * S }] });
    scenario.apply(rules).set('Down', sample());
    await scenario.until(30);
    scenario.restart(40, rules);
    expect(await scenario.until(69)).toEqual([]);
    expect(await scenario.until(70)).toEqual(['firing Down']);
  });

  test('which series a rule has seen is known, and since when one is missing', async () => {
    const rules = group({ rules: [{ alert: 'Down', noData: 'alert' }] });
    scenario.apply(rules).see('Down', [{ host: 'b' }], sample({ host: 'a' }));
    await scenario.until(10);
    await scenario.see('Down', [{ host: 'b' }]).until(30);
    scenario.restart(35, rules);
    expect(scenario.engine.status()[0]?.missing).toEqual([{ host: 'a' }]);
    expect(scenario.states()).toEqual(['Down firing']);
    // Two intervals are the whole of what it waits, so that begins anew.
    expect(await scenario.until(54)).toEqual([]);
    expect(await scenario.until(60)).toEqual(['firing RuleWithoutData{group=web,host=a,rule=Down}']);
    expect((await scenario.see('Down', [{ host: 'a' }, { host: 'b' }]).until(70)).sort()).toEqual([
      'resolved Down{host=a}',
      'resolved RuleWithoutData{group=web,host=a,rule=Down}',
    ]);
  });

  test('a pending alert is forgotten after an outage of more than an hour', async () => {
    const rules = slowly();
    await scenario.until(50 * 60);
    const back = 50 * 60 + 61 * 60;
    scenario.restart(back, rules);
    expect(await scenario.until(back + 60 * 60)).toEqual([]);
    expect(await scenario.until(back + 61 * 60)).toEqual(['firing Down']);
  });

  test('a rule that failed is still spoken of, and resolves when it works', async () => {
    const rules = group({ rules: [{ alert: 'Down' }] });
    scenario.apply(rules).fail('Down');
    await scenario.until(50);
    scenario.restart(60, rules).set('Down');
    expect(await scenario.until(70)).toEqual(['resolved RuleFailing{group=web,rule=Down,severity=ticket}']);
  });

  test('a rule that moved to another file meanwhile keeps its state', async () => {
    const rules = group({ rules: [{ alert: 'Down', labels: { team: 'web' } }] });
    scenario.apply(rules).set('Down', sample());
    await scenario.until(20);
    scenario.sink.alerts = [];
    scenario.restart(30, { ...rules, file: 'moved.yaml' });
    expect(scenario.sink.alerts).toEqual([]);
    await scenario.until(60);
    expect(scenario.lastStart()).toBe(10);
  });

  test.each([
    ['its group', group({ name: 'shop', rules: [{ alert: 'Down', labels: { team: 'web' } }] })],
    ['itself', group({ rules: [{ alert: 'Away', sql: 'Down', labels: { team: 'web' } }] })],
    ['its labels', group({ rules: [{ alert: 'Down', labels: { team: 'ops' } }] })],
  ])('a rule that was renamed, %s, begins anew, and what it fired is over', async (_, renamed) => {
    scenario.apply(group({ rules: [{ alert: 'Down', labels: { team: 'web' } }] })).set('Down', sample());
    await scenario.until(20);
    scenario.sink.alerts = [];
    scenario.restart(30, renamed);
    expect(scenario.sink.alerts).toMatchObject([{ labels: { alertname: 'Down' }, endsAtMs: scenario.ms(30) }]);
    await scenario.until(60);
    expect(scenario.lastStart()).toBeGreaterThan(30);
  });

  test('the alerts of a rule that was removed meanwhile resolve at once', async () => {
    scenario.apply(group({ rules: [{ alert: 'Down' }] })).set('Down', sample());
    await scenario.until(20);
    scenario.sink.alerts = [];
    scenario.restart(30);
    expect(scenario.sink.alerts).toMatchObject([{ labels: { alertname: 'Down' }, endsAtMs: scenario.ms(30) }]);
  });
});

describe('a reload', () => {
  test('keeps the state of a rule whose query, order or file changed', async () => {
    scenario.apply(group({ rules: [{ alert: 'Down', forMs: 30 * S }] })).set('Down', sample());
    await scenario.until(30);
    const moved = group({
      file: 'other.yaml',
      rules: [{ alert: 'New' }, { alert: 'Down', sql: 'better', forMs: 30 * S }],
    });
    scenario.apply(moved).set('better', sample());
    expect(await scenario.until(50)).toEqual(['firing Down']);
  });

  test('resolves what a removed or renamed rule fired', async () => {
    scenario.apply(group({ rules: [{ alert: 'Down' }, { alert: 'Other' }] })).set('Down', sample());
    await scenario.until(20);
    scenario.sink.alerts = [];
    scenario.apply(group({ rules: [{ alert: 'Other' }] }));
    expect(scenario.sink.alerts).toMatchObject([{ labels: { alertname: 'Down' }, endsAtMs: scenario.ms(20) }]);
    expect(await scenario.until(60)).toEqual([]);
  });

  test('does not resolve what another rule fires under the same labels', async () => {
    const twice = { alert: 'Down', labels: { monitor: 'shop' } };
    scenario
      .apply(group({ rules: [twice, { ...twice, sql: 'second' }] }))
      .set('Down', sample())
      .set('second', sample());
    await scenario.until(20);
    expect(await scenario.set('Down').until(40)).toEqual(['firing Down{monitor=shop}']);
    scenario.apply(group({ rules: [twice] }));
    expect(await scenario.until(50)).toEqual([]);
  });

  test('throws away what was under way', async () => {
    scenario.apply(group({ rules: [{ alert: 'Down' }] })).set('Down', sample());
    const gate = Promise.withResolvers<void>();
    scenario.expression.gate = gate.promise;
    scenario.engine.tick(scenario.ms(10));
    scenario.apply();
    gate.resolve();
    await scenario.engine.idle();
    expect(scenario.sink.alerts).toEqual([]);
  });
});

describe('the state and the alerts', () => {
  test('are kept together or not at all', async () => {
    scenario.apply(group({ rules: [{ alert: 'Down' }] })).set('Down', sample());
    scenario.sink.broken = true;
    await scenario.until(10);
    expect(scenario.states()).toEqual([]);
    scenario.sink.broken = false;
    expect(await scenario.until(20)).toEqual(['firing Down']);
    expect(scenario.lastStart()).toBe(20);
  });

  test('stay as they were when stop() comes while a query runs', async () => {
    scenario.apply(group({ rules: [{ alert: 'Down' }] })).set('Down', sample());
    const gate = Promise.withResolvers<void>();
    scenario.expression.gate = gate.promise;
    scenario.engine.tick(scenario.ms(10));
    const stopping = scenario.engine.stop();
    gate.resolve();
    await Promise.all([stopping, scenario.engine.stop()]);
    expect(scenario.sink.alerts).toEqual([]);
  });
});
