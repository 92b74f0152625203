import { expect, test } from 'vitest';
import { shareAnswers } from '../../src/api/framework/share-answers.ts';

function sharing(limit = 100) {
  const clock = { nowMs: 0 };
  const asked: string[] = [];
  const fate = { fails: false };
  const ask = shareAnswers(
    async (input: string) => {
      asked.push(input);
      if (fate.fails) throw new Error('away');
      return `${input}${asked.length}`;
    },
    { keyOf: (input) => input, freshMs: 1_000, now: () => clock.nowMs, limit },
  );
  return { ask, asked, clock, fate };
}

test('who asks the same at once, or a moment later, gets the same; then it is asked anew', async () => {
  const { ask, asked, clock } = sharing();
  expect(await Promise.all([ask('a'), ask('a'), ask('b')])).toEqual(['a1', 'a1', 'b2']);
  clock.nowMs = 999;
  expect(await ask('a')).toBe('a1');
  clock.nowMs = 1_000;
  expect(await ask('a')).toBe('a3');
  expect(asked).toEqual(['a', 'b', 'a']);
});

test('a clock that was set back does not keep an answer for ever', async () => {
  const { ask, clock } = sharing();
  clock.nowMs = 1_000_000;
  await ask('a');
  clock.nowMs = 0;
  expect(await ask('a')).toBe('a2');
});

test('a failure is everyone’s who waits, and is not kept', async () => {
  const { ask, fate } = sharing();
  fate.fails = true;
  await expect(Promise.all([ask('a'), ask('a')])).rejects.toThrow('away');
  fate.fails = false;
  expect(await ask('a')).toBe('a2');
});

test('only so many are kept, and the oldest goes', async () => {
  const { ask, asked } = sharing(2);
  for (const input of ['a', 'b', 'c', 'b', 'c', 'a']) await ask(input);
  expect(asked).toEqual(['a', 'b', 'c', 'a']);
});
