import { describe, expect, test } from 'vitest';
import { readArguments, UsageError } from '../../src/rules-command/arguments.ts';

const NOW_MS = Date.parse('2026-11-25T06:00:00Z');
const read = (line: string) => readArguments(line.split(' '), NOW_MS);

describe('the command line of tocsin rules', () => {
  test('times are dates, moments, or how long ago', () => {
    expect(read('backtest')).toMatchObject({ fromMs: NOW_MS - 86_400_000, toMs: NOW_MS });
    expect(read('backtest --from 7d --to 1d')).toMatchObject({
      fromMs: NOW_MS - 7 * 86_400_000,
      toMs: NOW_MS - 86_400_000,
    });
    expect(read('backtest --from 2026-11-20 --to 2026-11-20T09:30:00+02:00')).toMatchObject({
      fromMs: Date.parse('2026-11-20T00:00:00Z'),
      toMs: Date.parse('2026-11-20T07:30:00Z'),
    });
  });

  test.each([
    ['', /expected check, test or backtest/],
    ['chekc', /found "chekc"/],
    ['test', /a file of tests, found none/],
    ['test a.yaml --from 1d', /--from is for backtest/],
    ['check --shipped', /--shipped is for backtest/],
    ['test a.yaml --config b.yaml', /--config is for check and backtest/],
    ['backtest --from yesterday', /--from: expected .* found "yesterday"/],
    ['backtest --from 2026-11-20T09:30', /--from: expected/],
    ['backtest --from 1d --to 2d', /--to after --from/],
    ['backtest --step 0', /--step: expected a duration/],
    ['backtest --unknown', /unknown/],
  ])('%j is refused', (line, sentence) => {
    expect(() => read(line)).toThrow(UsageError);
    expect(() => read(line)).toThrow(sentence);
  });
});
