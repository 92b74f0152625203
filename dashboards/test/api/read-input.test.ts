import { expect, test } from 'vitest';
import {
  flag,
  listOf,
  momentMs,
  number,
  oneOf,
  optional,
  readInput,
  text,
  textLike,
  wholeNumber,
} from '../../src/api/framework/read-input.ts';

const READERS = {
  name: text(5),
  id: textLike(/^[a-f]+$/, 'letters a to f'),
  limit: optional(wholeNumber(1, 10)),
  ratio: optional(number(0, 1)),
  at: momentMs,
  kind: oneOf('server', 'client'),
  tags: listOf(text(3), 2),
  deep: optional(flag),
};
const GOOD = { name: 'shop', id: 'abc', at: '1764000000000', kind: 'server' };

test('the text of a query and the values of a body read alike', () => {
  const expected = {
    name: 'shop',
    id: 'abc',
    at: 1_764_000_000_000,
    kind: 'server',
    limit: 3,
    ratio: 0.5,
    tags: ['a', 'b'],
    deep: true,
  };
  const asText = { ...GOOD, limit: '3', ratio: '0.5', tags: ['a', 'b'], deep: 'true' };
  const asJson = { ...GOOD, at: 1_764_000_000_000, limit: 3, ratio: 0.5, tags: ['a', 'b'], deep: true };
  expect(readInput(READERS, asText)).toEqual({ status: 'ok', input: expected });
  expect(readInput(READERS, asJson)).toEqual({ status: 'ok', input: expected });
});

test('what is absent and may be is left out, and one of a list needs no list', () => {
  expect(readInput(READERS, { ...GOOD, tags: 'a', limit: null })).toEqual({
    status: 'ok',
    input: { ...GOOD, at: 1_764_000_000_000, tags: ['a'] },
  });
});

test.each([
  [{ name: '' }, 'name', 'text of 1 to 5 characters'],
  [{ name: 'longer' }, 'name', 'text of 1 to 5 characters'],
  [{ name: undefined }, 'name', 'text of 1 to 5 characters'],
  [{ name: ['a'] }, 'name', 'text of 1 to 5 characters'],
  [{ id: 'xyz' }, 'id', 'letters a to f'],
  [{ limit: '11' }, 'limit', 'a whole number from 1 to 10, or nothing'],
  [{ limit: '1.5' }, 'limit', 'a whole number from 1 to 10, or nothing'],
  [{ limit: '1e1' }, 'limit', 'a whole number from 1 to 10, or nothing'],
  [{ at: 'now' }, 'at', 'a time in Unix ms'],
  [{ kind: 'other' }, 'kind', 'one of server, client'],
  [{ tags: ['a', 'b', 'c'] }, 'tags', 'at most 2, each text of 1 to 3 characters'],
  [{ tags: ['long'] }, 'tags', 'at most 2, each text of 1 to 3 characters'],
  [{ deep: 'yes' }, 'deep', 'true or false, or nothing'],
  [{ more: '1' }, 'more', 'no such field'],
])('%j is wrong, and the answer names the field', (changes, field, expected) => {
  expect(readInput(READERS, { ...GOOD, ...changes })).toEqual({ status: 'wrong', errors: [{ field, expected }] });
});

test('names that every object has are fields like others', () => {
  expect(readInput(READERS, { ...GOOD, constructor: '1' })).toMatchObject({ status: 'wrong' });
  expect(readInput({ toString: text(3) }, {})).toMatchObject({ status: 'wrong' });
});
