import { describe, expect, test } from 'vitest';
import { group, sample, Scenario } from './scenario.ts';

const S = 1_000;

describe('an alert of a rule', () => {
  test('fires in the first evaluation that is true where there is no `for`', async () => {
    const scenario = new Scenario().apply(group({ rules: [{ alert: 'Down' }] }));
    scenario.set('Down', sample({ monitor: 'shop' }));
    expect(await scenario.until(9)).toEqual([]);
    expect(await scenario.until(10)).toEqual(['firing Down{monitor=shop}']);
    expect(scenario.lastStart()).toBe(10);
  });

  test('is pending until `for` has gone by, then fires and began to fire then', async () => {
    const scenario = new Scenario().apply(group({ rules: [{ alert: 'Down', forMs: 30 * S }] }));
    scenario.set('Down', sample());
    expect(await scenario.until(39)).toEqual([]);
    expect(scenario.states()).toEqual(['Down pending']);
    expect(await scenario.until(40)).toEqual(['firing Down']);
    expect(scenario.lastStart()).toBe(40);
  });

  test('is dropped without a word when it becomes false while pending', async () => {
    const scenario = new Scenario().apply(group({ rules: [{ alert: 'Down', forMs: 30 * S }] }));
    scenario.set('Down', sample());
    await scenario.until(30);
    scenario.set('Down');
    expect(await scenario.until(100)).toEqual([]);
    expect(scenario.states()).toEqual([]);
    scenario.set('Down', sample());
    expect(await scenario.until(139)).toEqual([]);
    expect(await scenario.until(140)).toEqual(['firing Down']);
  });

  test('is told in every evaluation while it fires, and resolved once', async () => {
    const scenario = new Scenario().apply(group({ rules: [{ alert: 'Down' }] }));
    scenario.set('Down', sample());
    await scenario.until(30);
    expect(scenario.sink.alerts.map(({ updatedAtMs }) => updatedAtMs)).toEqual([10, 20, 30].map((s) => scenario.ms(s)));
    scenario.set('Down');
    expect(await scenario.until(60)).toEqual(['resolved Down']);
    expect(scenario.sink.alerts).toMatchObject([
      { startsAtMs: scenario.ms(10), endsAtMs: scenario.ms(40), updatedAtMs: scenario.ms(40) },
    ]);
  });

  test('that fires again after it resolved is a new alert', async () => {
    const scenario = new Scenario().apply(group({ rules: [{ alert: 'Down', forMs: 10 * S }] }));
    scenario.set('Down', sample());
    await scenario.until(20);
    scenario.set('Down');
    await scenario.until(30);
    scenario.set('Down', sample());
    expect(await scenario.until(40)).toEqual([]);
    expect(await scenario.until(50)).toEqual(['firing Down']);
    expect(scenario.lastStart()).toBe(50);
  });

  test('is kept firing for `keep_firing_for` after it became false, then resolved', async () => {
    const scenario = new Scenario().apply(group({ rules: [{ alert: 'Down', keepFiringForMs: 30 * S }] }));
    scenario.set('Down', sample());
    await scenario.until(10);
    scenario.set('Down');
    expect(await scenario.until(49)).toEqual(['firing Down']);
    expect(await scenario.until(50)).toEqual(['resolved Down']);
  });

  test('that is true again while it is kept firing goes on, and the keeping begins anew', async () => {
    const scenario = new Scenario().apply(group({ rules: [{ alert: 'Down', keepFiringForMs: 30 * S }] }));
    scenario.set('Down', sample());
    await scenario.until(10);
    scenario.set('Down');
    await scenario.until(40);
    scenario.set('Down', sample());
    await scenario.until(50);
    scenario.set('Down');
    expect(await scenario.until(89)).toEqual(['firing Down']);
    expect(scenario.lastStart()).toBe(10);
    expect(await scenario.until(90)).toEqual(['resolved Down']);
  });

  test('is not kept where it was only pending', async () => {
    const rule = { alert: 'Down', forMs: 30 * S, keepFiringForMs: 60 * S };
    const scenario = new Scenario().apply(group({ rules: [rule] }));
    scenario.set('Down', sample());
    await scenario.until(20);
    scenario.set('Down');
    expect(await scenario.until(30)).toEqual([]);
    expect(scenario.states()).toEqual([]);
  });

  test('is known by its labels: each has a state of its own', async () => {
    const scenario = new Scenario().apply(group({ rules: [{ alert: 'Down', forMs: 20 * S }] }));
    scenario.set('Down', sample({ monitor: 'a' }));
    await scenario.until(20);
    scenario.set('Down', sample({ monitor: 'a' }), sample({ monitor: 'b' }));
    expect(await scenario.until(30)).toEqual(['firing Down{monitor=a}']);
    scenario.set('Down', sample({ monitor: 'b' }));
    expect(await scenario.until(50)).toEqual(['resolved Down{monitor=a}', 'firing Down{monitor=b}']);
  });

  test('stays the same one when only its value and annotations change', async () => {
    const annotations = {
      summary: '{{ $labels.service }} at {{ $value | humanizePercentage }}: {{ $annotations.why }}',
    };
    const scenario = new Scenario().apply(group({ rules: [{ alert: 'Errors', annotations }] }));
    scenario.set('Errors', sample({ service: 'shop' }, 0.5, { why: 'x' }));
    await scenario.until(10);
    scenario.set('Errors', sample({ service: 'shop' }, 0.25, { why: 'y', trace_id: 'abc' }));
    await scenario.until(20);
    expect(scenario.lastStart()).toBe(10);
    expect(scenario.sink.alerts.at(-1)?.annotations).toEqual({
      summary: 'shop at 25%: y',
      why: 'y',
      trace_id: 'abc',
    });
    expect(scenario.sink.alerts.at(-1)?.value).toBe(0.25);
  });
});

describe('the labels of an alert', () => {
  test("are the row's, the group's, the rule's and alertname, the later winning, without empty ones", async () => {
    const labels = { severity: 'page', service: 'my {{ $labels.service }}', none: '', alertname: 'x' };
    const scenario = new Scenario().apply(
      group({ labels: { severity: 'ticket', team: 'web' }, rules: [{ alert: 'Errors', labels }] }),
    );
    scenario.set('Errors', sample({ service: 'shop', none: 'some', team: 'other' }));
    await scenario.until(10);
    expect(scenario.sink.alerts[0]?.labels).toEqual({
      alertname: 'Errors',
      severity: 'page',
      service: 'my shop',
      team: 'web',
    });
  });

  test('are cut in annotations that are too long, between characters', async () => {
    const scenario = new Scenario().apply(
      group({ rules: [{ alert: 'Down', annotations: { all: '{{ $annotations.log }}' } }] }),
    );
    scenario.set('Down', sample({}, 1, { log: `${'x'.repeat(8_190)}💥${'y'.repeat(10)}`, short: 'z' }));
    await scenario.until(10);
    const cut = `${'x'.repeat(8_190)}…`;
    expect(scenario.sink.alerts[0]?.annotations).toEqual({ log: cut, all: cut, short: 'z' });
  });

  test('survive a template that is wrong', async () => {
    const annotations = { summary: '{{ $value | nope }}' };
    const scenario = new Scenario().apply(group({ rules: [{ alert: 'Down', annotations }] }));
    scenario.set('Down', sample());
    expect(await scenario.until(10)).toEqual(['firing Down']);
    expect(scenario.sink.alerts[0]?.annotations['summary']).toBe(
      '<error expanding template: function "nope" not defined>',
    );
  });
});

describe('a rule that cannot be evaluated', () => {
  const failing = 'firing RuleFailing{group=web,rule=Down,severity=ticket}';

  test('keeps its state, sends nothing and raises an alert about itself until it works again', async () => {
    const scenario = new Scenario().apply(group({ rules: [{ alert: 'Down', forMs: 40 * S }, { alert: 'Other' }] }));
    scenario.set('Down', sample());
    scenario.set('Other', sample());
    await scenario.until(20);
    scenario.fail('Down');
    expect(await scenario.until(59)).toEqual(['firing Other']);
    expect(scenario.states()).toEqual(['Down pending', 'Other firing']);
    expect(await scenario.until(60)).toEqual(['firing Other', failing]);
    expect(scenario.sink.alerts.at(-1)?.annotations['error']).toBe('query_error: no such column');
    scenario.set('Down', sample());
    expect(await scenario.until(70)).toEqual([
      'firing Down',
      'firing Other',
      'resolved RuleFailing{group=web,rule=Down,severity=ticket}',
    ]);
    expect(scenario.engine.status()[0]).toMatchObject({ health: 'ok', error: undefined });
  });

  test('keeps a firing alert firing', async () => {
    const scenario = new Scenario().apply(group({ rules: [{ alert: 'Down' }] }));
    scenario.set('Down', sample());
    await scenario.until(10);
    scenario.fail('Down');
    expect(await scenario.until(500)).toEqual([failing]);
    scenario.set('Down');
    expect(await scenario.until(510)).toContain('resolved Down');
  });

  test('also is one with two results of equal labels', async () => {
    const scenario = new Scenario().apply(group({ rules: [{ alert: 'Down', labels: { monitor: 'all' } }] }));
    scenario.set('Down', sample({ monitor: 'a' }), sample({ monitor: 'b' }));
    expect(await scenario.until(40)).toEqual([failing]);
    expect(scenario.engine.status()[0]?.error).toBe(
      'duplicate_labels: two results have equal labels: {"monitor":"all","alertname":"Down"}',
    );
  });

  test('also is one with more alerts than the limit; what fired before goes on', async () => {
    const scenario = new Scenario().apply(group({ limit: 1, rules: [{ alert: 'Down' }] }));
    scenario.set('Down', sample({ monitor: 'a' }));
    await scenario.until(10);
    scenario.set('Down', sample({ monitor: 'a' }), sample({ monitor: 'b' }));
    expect(await scenario.until(50)).toEqual([failing]);
    expect(scenario.states()).toEqual(['Down firing']);
    scenario.set('Down');
    expect(await scenario.until(60)).toContain('resolved Down{monitor=a}');
  });

  test('raises nothing for a failure that is shorter than 30 s', async () => {
    const scenario = new Scenario().apply(group({ rules: [{ alert: 'Down' }] })).fail('Down');
    expect(await scenario.until(30)).toEqual([]);
    scenario.set('Down');
    expect(await scenario.until(100)).toEqual([]);
  });

  test('stops being spoken of when it is removed', async () => {
    const scenario = new Scenario().apply(group({ rules: [{ alert: 'Down' }] })).fail('Down');
    await scenario.until(50);
    scenario.sink.alerts = [];
    scenario.apply(group({ rules: [] }));
    expect(scenario.sink.alerts).toMatchObject([{ labels: { alertname: 'RuleFailing' }, endsAtMs: scenario.ms(50) }]);
  });
});

const AWAY = 'firing ClickHouseUnreachable{severity=page}';

describe('while every second query has no answer', () => {
  const names = Array.from({ length: 1_000 }, (_, at) => `r${at}`);
  const groups = Array.from({ length: 20 }, (_, at) =>
    group({ name: `g${at}`, rules: names.slice(at * 50, at * 50 + 50).map((alert) => ({ alert })) }),
  );

  test('one alert says so, whether it is always the same queries or not', async () => {
    for (const changes of [false, true]) {
      const scenario = new Scenario().apply(...groups);
      const told = new Set<string>();
      for (let second = 10; second <= 120; second += 10) {
        const turn = changes ? second / 10 : 0;
        for (const [at, name] of names.entries())
          if ((at + turn) % 2 === 0) scenario.fail(name, 'unreachable', 'socket hang up');
          else scenario.set(name);
        for (const line of await scenario.until(second)) told.add(line);
      }
      expect([...told]).toEqual(['firing ClickHouseUnreachable{severity=page}']);
      for (const name of names) scenario.set(name);
      expect(await scenario.until(210)).toContain('resolved ClickHouseUnreachable{severity=page}');
    }
  });

  test('groups that get all of their answers do not hide it', async () => {
    const scenario = new Scenario().apply(...groups);
    for (const name of names.slice(0, 500)) scenario.fail(name, 'unreachable', 'socket hang up');
    expect(await scenario.until(120)).toEqual([AWAY]);
  });

  test('a large group that never gets an answer beside quick ones that do is not passed over in silence', async () => {
    const quick = Array.from({ length: 20 }, (_, at) =>
      group({ name: `q${at}`, intervalMs: 2_000, rules: [{ alert: 'ok' }] }),
    );
    const slow = group({ intervalMs: 60_000, rules: names.slice(0, 30).map((alert) => ({ alert })) });
    const scenario = new Scenario(':memory:', 60_000).apply(...quick, slow);
    for (const name of names.slice(0, 30)) scenario.fail(name, 'unreachable', 'socket hang up');
    expect(await scenario.until(480)).toContain('firing RuleFailing{group=web,rule=r0,severity=ticket}');
  });

  test('two rules that get no answer do not keep the others of their group from being asked', async () => {
    const scenario = new Scenario().apply(...groups);
    await scenario.until(20);
    for (const name of ['r0', 'r1']) scenario.fail(name, 'unreachable', 'socket hang up');
    scenario.set('r2', sample());
    expect(await scenario.until(30)).toEqual(['firing r2']);
  });

  test('one alert says so where it is every fifth, now here and now there, and it does not come and go', async () => {
    const scenario = new Scenario().apply(...groups);
    const told = new Set<string>();
    let dice = 1;
    for (let second = 10; second <= 200; second += 10) {
      for (const name of names) {
        dice = (dice * 48_271) % 2_147_483_647;
        if (dice % 5 === 0) scenario.fail(name, 'unreachable', 'socket hang up');
        else scenario.set(name);
      }
      for (const line of await scenario.until(second)) told.add(line);
    }
    expect([...told]).toEqual([AWAY]);
  });

  test('a few rules that never get an answer while the others do are named', async () => {
    const scenario = new Scenario().apply(...groups);
    await scenario.until(20);
    for (const name of ['r3', 'r70']) scenario.fail(name, 'unreachable', 'socket hang up');
    expect((await scenario.until(120)).sort()).toEqual([
      'firing RuleFailing{group=g0,rule=r3,severity=ticket}',
      'firing RuleFailing{group=g1,rule=r70,severity=ticket}',
    ]);
  });
});

describe('a thousand rules', () => {
  const many = Array.from({ length: 20 }, (_, at) =>
    group({ name: `g${at}`, rules: Array.from({ length: 50 }, (__, each) => ({ alert: `r${at}-${each}` })) }),
  );

  test('raise one alert while ClickHouse is away', async () => {
    const scenario = new Scenario().apply(...many);
    for (const { rules } of many) for (const { alert } of rules) scenario.fail(alert, 'unreachable', 'refused');
    expect(await scenario.until(120)).toEqual(['firing ClickHouseUnreachable{severity=page}']);
    for (const { rules } of many) for (const { alert } of rules) scenario.set(alert);
    expect(await scenario.until(200)).toContain('resolved ClickHouseUnreachable{severity=page}');
  });
});

describe('while the tables are not there', () => {
  const groups = [0, 1].map((at) => group({ name: `g${at}`, rules: [{ alert: `a${at}` }, { alert: `b${at}` }] }));

  test('nothing is said for five minutes, then one alert, and it ends with the first answers', async () => {
    const scenario = new Scenario().apply(...groups);
    for (const name of ['a0', 'b0', 'a1', 'b1']) scenario.fail(name, 'schema_missing', 'no table');
    expect(await scenario.until(299)).toEqual([]);
    expect(await scenario.until(330)).toEqual(['firing SchemaMissing{severity=page}']);
    for (const name of ['a0', 'b0', 'a1', 'b1']) scenario.set(name);
    expect(await scenario.until(350)).toEqual(['resolved SchemaMissing{severity=page}']);
  });

  test('a group that needs none of them does not end it', async () => {
    const scenario = new Scenario().apply(...groups);
    for (const name of ['a0', 'b0']) scenario.fail(name, 'schema_missing', 'no table');
    expect(await scenario.until(330)).toEqual(['firing SchemaMissing{severity=page}']);
  });
});

describe('a group', () => {
  test('asks its rules in their order, all for the scheduled moment, however late it is', async () => {
    const scenario = new Scenario().apply(group({ rules: [{ alert: 'c' }, { alert: 'a' }, { alert: 'b' }] }));
    scenario.set('a', sample());
    scenario.engine.tick(scenario.ms(17));
    await scenario.engine.idle();
    expect(scenario.expression.asked).toEqual(['c', 'a', 'b'].map((sql) => ({ sql, nowMs: scenario.ms(10) })));
    expect(scenario.lastStart()).toBe(10);
  });
});

describe('a query offset', () => {
  test('moves the moment that is asked about and nothing else', async () => {
    const scenario = new Scenario().apply(group({ queryOffsetMs: 60_000, rules: [{ alert: 'Down' }] }));
    scenario.set('Down', sample());
    await scenario.until(10);
    expect(scenario.expression.asked.map(({ nowMs }) => nowMs)).toEqual([scenario.ms(-50)]);
    expect(scenario.lastStart()).toBe(10);
  });
});

describe('while ClickHouse is away', () => {
  const groups = () =>
    ['a', 'b', 'c'].map((name) => group({ name, rules: [{ alert: `${name}1` }, { alert: `${name}2` }] }));
  const away = (scenario: Scenario) => {
    for (const name of ['a1', 'a2', 'b1', 'b2', 'c1', 'c2']) scenario.fail(name, 'unreachable', 'connect ECONNREFUSED');
    return scenario;
  };

  test('one alert says so, however many rules there are, and every state is kept', async () => {
    const scenario = new Scenario().apply(...groups()).set('a1', sample());
    await scenario.until(20);
    expect(await away(scenario).until(300)).toEqual(['firing ClickHouseUnreachable{severity=page}']);
    expect(scenario.states()).toEqual(['a1 firing']);
    for (const name of ['a1', 'a2', 'b1', 'b2', 'c1', 'c2']) scenario.set(name);
    expect((await scenario.until(360)).sort()).toEqual([AWAY, 'resolved a1']);
    expect(await scenario.until(390)).toContain('resolved ClickHouseUnreachable{severity=page}');
  });

  test('nothing is said before 30 s have gone by', async () => {
    const scenario = away(new Scenario().apply(...groups()));
    await scenario.until(25);
    for (const name of ['a1', 'a2', 'b1', 'b2', 'c1', 'c2']) scenario.set(name);
    expect(await scenario.until(100)).not.toContain('firing ClickHouseUnreachable{severity=page}');
  });

  test('a rule that fails for a reason of its own is still failing afterwards', async () => {
    const scenario = new Scenario().apply(group({ rules: [{ alert: 'Down' }] })).fail('Down');
    await scenario.until(50);
    scenario.fail('Down', 'unreachable');
    expect(await scenario.until(100)).toEqual(['firing ClickHouseUnreachable{severity=page}']);
    scenario.set('Down');
    expect(await scenario.until(110)).toHaveLength(2);
  });

  test('a group does not ask on and on', async () => {
    const many = Array.from({ length: 20 }, (_, at) => ({ alert: `r${at}` }));
    const scenario = new Scenario().apply(group({ rules: many }));
    for (const { alert } of many) scenario.fail(alert, 'unreachable');
    await scenario.until(10);
    expect(scenario.expression.asked).toHaveLength(2);
  });
});
