import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { JsonJudge } from '../src/expect/json-judge.ts';
import type { JsonQuestion } from '../src/expect/judge-json.ts';

/** Each selector doubles what the next one is asked of: no time is enough. */
const ENDLESS = `$${'[*,*]'.repeat(60)}.x`;
const NESTED = `${'['.repeat(80)}1${']'.repeat(80)}`;
const there: Pick<Extract<JsonQuestion, { tests: unknown }>, 'tests'> = {
  tests: [{ operator: 'exists', negated: false }],
};

let judge: JsonJudge;
beforeEach(() => {
  judge = new JsonJudge();
});
afterEach(() => judge.stop());

const ask = (text: string, path: string, limitMs = 15_000, target = 'a.test') =>
  judge.ask(text, { path, ...there }, { target, signal: AbortSignal.timeout(limitMs) });

test('what is found in a thread is what is found at once', async () => {
  const text = '{"items":[{"up":true,"id":1},{"up":false,"id":2}]}';
  expect(await ask(text, '$.items[0].id')).toEqual({ status: 'met' });
  expect(await ask(text, '$.items[?@.up==true].id')).toEqual({ status: 'met' });
  const question = { path: '$.items[?@.up==false].id' };
  const options = { target: 'a.test', signal: AbortSignal.timeout(15_000) };
  expect(await judge.ask(text, question, options)).toEqual({ status: 'first', value: '2' });
  expect(await judge.ask('<html>', question, options)).toEqual({ status: 'not_json' });
  expect(await judge.ask(`[${text}]`.repeat(2_000), { path: '$[0]' }, options)).toEqual({ status: 'not_json' });
});

describe('a query that would never end', () => {
  test('ends with its time, and nothing else stands still meanwhile', async () => {
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 10);
    const outcome = await ask(NESTED, ENDLESS, 600);
    clearInterval(timer);
    expect(outcome).toEqual({ status: 'exhausted', of: 'time' });
    // Of some 60; had the query been asked here there would be none.
    expect(ticks).toBeGreaterThan(5);
    expect(judge.figures()).toMatchObject({ exhausted: 1, refused: 0, waiting: 0 });
    expect(await ask('{"a":[{"x":1}]}', '$..x')).toEqual({ status: 'met' });
  });

  test('holds up others once, and from then on only its like', async () => {
    await ask(NESTED, ENDLESS, 600);
    const endless = ask(NESTED, ENDLESS, 5_000);
    const waits = ask(NESTED, ENDLESS, 1_500);
    expect(await ask('[{"x":1}]', '$..x', 4_000, 'b.test')).toEqual({ status: 'met' });
    expect(judge.figures()).toMatchObject({ active: 1, waiting: 1 });
    expect(await waits).toEqual({ status: 'exhausted', of: 'time' });
    await judge.stop();
    expect(await endless).toEqual({ status: 'exhausted', of: 'time' });
  });

  test('has a thousand wait behind it at most', async () => {
    const asked = Array.from({ length: 1_002 }, () => ask(NESTED, ENDLESS, 700));
    const outcomes = await Promise.all(asked);
    expect(outcomes.filter(({ status }) => status === 'refused')).toHaveLength(1);
    expect(judge.figures()).toMatchObject({ refused: 1, exhausted: 1_001 });
  });
});
