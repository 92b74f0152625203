import { describe, expect, test } from 'vitest';
import { planTurn, type Turn } from '../../src/outbox/plan-turn.ts';

const TURN: Turn = {
  due: ['a', 'b', 'c', 'd', 'e', 'f', 'g'],
  free: 4,
  room: 5,
  digestLane: undefined,
  isStorm: false,
};
const plan = (change: Partial<Turn>) => planTurn({ ...TURN, ...change });

describe('what a channel is sent now', () => {
  test.each<[string, Partial<Turn>, string, string]>([
    ['everything there is room for, as far as attempts are free', { due: ['a', 'b', 'c', 'd', 'e'] }, 'abcd', ''],
    ['without a limit: as many as attempts are free', { room: Infinity }, 'abcd', ''],
    ['too much: the last room is kept for the digest', {}, 'abcd', ''],
    ['too much with one room left: a digest', { free: 1, room: 1 }, '', 'abcdefg'],
    ['too much with two rooms left: one, and the digest', { free: 2, room: 2 }, 'a', 'bcdefg'],
    ['the digest waits for a free attempt', { free: 1, room: 2 }, 'a', ''],
    ['no room', { room: 0 }, '', ''],
    ['no free attempt', { free: 0 }, '', ''],
    ['more of a storm goes into the next digest at once', { isStorm: true }, '', 'abcdefg'],
    ['after a storm, what there is room for goes by itself', { isStorm: true, due: ['a', 'b'] }, 'ab', ''],
    ['a digest that is due goes first and alone', { digestLane: 'b' }, 'b', ''],
    ['a digest that waits for its next attempt holds up the rest', { digestLane: 'x' }, '', ''],
  ])('%s', (_name, change, single, digest) => {
    expect(plan(change)).toEqual({ single: single.split(''), digest: digest.split('') });
  });
});
