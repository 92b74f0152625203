import { describe, expect, test } from 'vitest';
import { lookForSeries, type SeriesMap } from '../../src/rules/no-data.ts';
import { group, sample, Scenario } from './scenario.ts';

const S = 1_000;
const A = { host: 'a' };
const B = { host: 'b' };
const apply = (noData: 'ok' | 'keep' | 'alert', more: object = {}) =>
  new Scenario().apply(group({ rules: [{ alert: 'Full', noData, labels: { severity: 'page' }, ...more }] }));
const FULL = 'Full{host=a,severity=page}';

describe('no_data: ok', () => {
  test('an alert resolves when its row is gone, as in Prometheus', async () => {
    const scenario = apply('ok').see('Full', [B], sample(A));
    await scenario.until(10);
    expect(await scenario.see('Full', [B]).until(20)).toEqual([`resolved ${FULL}`]);
  });
});

describe('no_data: keep', () => {
  test('a firing alert stays while the answer has no row at all, however long', async () => {
    const scenario = apply('keep').see('Full', [B], sample(A));
    await scenario.until(10);
    expect(await scenario.see('Full', []).until(30)).toEqual([]);
    expect(await scenario.jump(3 * 86_400 - 20).until(3 * 86_400)).toEqual([]);
    expect(scenario.states()).toEqual(['Full firing']);
    expect(await scenario.see('Full', [A, B]).until(3 * 86_400 + 10)).toEqual([`resolved ${FULL}`]);
  });

  test('a firing alert stays while only its series is missing, and resolves after a day', async () => {
    const scenario = apply('keep').see('Full', [B], sample(A));
    await scenario.until(10);
    scenario.see('Full', [B]);
    expect(await scenario.until(30)).toEqual([]);
    expect(await scenario.jump(86_400).until(86_400 + 19)).toEqual([]);
    expect(await scenario.until(86_400 + 20)).toEqual([`resolved ${FULL}`]);
  });

  test('a row whose value is NULL says that nothing is wrong', async () => {
    const scenario = apply('keep').see('Full', [B], sample(A));
    await scenario.until(10);
    expect(await scenario.see('Full', [A, B]).until(20)).toEqual([`resolved ${FULL}`]);
  });

  test('the time without data counts neither for `for` nor for `keep_firing_for`', async () => {
    const scenario = apply('keep', { forMs: 30 * S, keepFiringForMs: 30 * S }).see('Full', [], sample(A));
    await scenario.until(20);
    await scenario.see('Full', []).until(100);
    expect(scenario.states()).toEqual(['Full pending']);
    scenario.see('Full', [], sample(A));
    // 10 s had gone by, the ten before the answer at 110 count, so 30 s are over at 120.
    expect(await scenario.until(119)).toEqual([]);
    expect(await scenario.until(120)).toEqual([`firing ${FULL}`]);
    await scenario.see('Full', [A]).until(150);
    await scenario.see('Full', []).until(300);
    expect(await scenario.see('Full', [A]).until(309)).toEqual([]);
    expect(await scenario.until(310)).toEqual([`resolved ${FULL}`]);
  });

  test('is said to be impossible where a value is never NULL', async () => {
    const scenario = apply('keep').set('Full', sample(A));
    expect(await scenario.until(50)).toEqual(['firing RuleFailing{group=web,rule=Full,severity=ticket}']);
    expect(scenario.engine.status()[0]?.error).toMatch(/^invalid_result: no_data: keep needs a row for everything/);
  });
});

describe('no_data: alert', () => {
  const missing = (about: string) => `RuleWithoutData{${about}group=web,`;
  const OF_A = `${missing('')}host=a,rule=Full,severity=page}`;
  const OF_RULE = `${missing('')}rule=Full,severity=page}`;

  test('names the series that is missing, with the labels of the rule, until it is back', async () => {
    const scenario = apply('alert').see('Full', [A, B]);
    await scenario.until(10);
    scenario.see('Full', [B]);
    expect(await scenario.until(39)).toEqual([]);
    expect(await scenario.until(40)).toEqual([`firing ${OF_A}`]);
    expect(scenario.sink.alerts.at(-1)?.annotations['summary']).toMatch(
      /^The rule Full has no data: no row of \{host="a"\} since 20/,
    );
    expect(scenario.engine.status()[0]?.missing).toEqual([A]);
    expect(await scenario.see('Full', [A, B]).until(50)).toEqual([`resolved ${OF_A}`]);
  });

  test('waits as long as the rule does', async () => {
    const scenario = apply('alert', { forMs: 60 * S }).see('Full', [A, B]);
    await scenario.until(10);
    scenario.see('Full', [B]);
    expect(await scenario.until(79)).toEqual([]);
    expect(await scenario.until(80)).toEqual([`firing ${OF_A}`]);
  });

  test('says it once where there is no row at all, and keeps what fired', async () => {
    const scenario = apply('alert').see('Full', [B], sample(A));
    await scenario.until(10);
    scenario.see('Full', []);
    expect(await scenario.until(60)).toEqual([`firing ${OF_RULE}`]);
    expect(scenario.states()).toEqual(['Full firing']);
    expect((await scenario.see('Full', [A, B]).until(70)).sort()).toEqual([`resolved ${FULL}`, `resolved ${OF_RULE}`]);
  });

  test('of a rule that never had data says so', async () => {
    expect(await apply('alert').see('Full', []).until(30)).toEqual([`firing ${OF_RULE}`]);
  });

  test('forgets a series that has been missing for a day', async () => {
    const scenario = apply('alert').see('Full', [A, B]);
    await scenario.until(10);
    await scenario.see('Full', [B]).until(60);
    await scenario.jump(86_400).until(86_400 + 19);
    expect(await scenario.until(86_400 + 20)).toEqual([`resolved ${OF_A}`]);
    expect(scenario.engine.status()[0]?.missing).toEqual([]);
  });

  test('says nothing new while the query fails', async () => {
    const scenario = apply('alert').see('Full', [A, B]);
    await scenario.until(10);
    expect(await scenario.fail('Full').until(80)).toEqual(['firing RuleFailing{group=web,rule=Full,severity=ticket}']);
  });

  test('ends with the setting', async () => {
    const scenario = apply('alert').see('Full', []);
    await scenario.until(30);
    scenario.sink.alerts = [];
    scenario.apply(group({ rules: [{ alert: 'Full', noData: 'ok', labels: { severity: 'page' } }] }));
    expect(scenario.sink.alerts).toMatchObject([
      { labels: { alertname: 'RuleWithoutData' }, endsAtMs: scenario.ms(30) },
    ]);
  });
});

test('of more than 20,000 series those that are missing longest are forgotten', () => {
  const known: SeriesMap = new Map(
    Array.from({ length: 20_000 }, (_, at) => [`s${at}`, { labels: { at: String(at) }, missingSinceMs: 1_000 + at }]),
  );
  const { series, dropped, missing } = lookForSeries(
    known,
    new Map([
      ['new', A],
      ['s7', B],
    ]),
    50_000,
  );
  expect([series.size, dropped, missing.length]).toEqual([20_000, 1, 19_998]);
  expect([series.has('s0'), series.has('s1'), series.get('s7')?.missingSinceMs]).toEqual([false, true, undefined]);
});
