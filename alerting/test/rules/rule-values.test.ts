import type { AlertRule, RuleGroup } from '@tocsin/service/config';
import { expect, test } from 'vitest';
import { createRuleValuesReader } from '../../src/rules/chart/rule-values.ts';
import type { ExpressionResult, Sample } from '../../src/rules/expression.ts';
import { compileRule } from '../../src/rules/rule.ts';

const HOUR_MS = 3_600_000;
const TO_MS = Date.parse('2026-11-25T12:00:00Z');

function ruleOf(sql: string) {
  const rule = { alert: 'Slow', sql, forMs: 0, keepFiringForMs: 0, noData: 'ok', labels: {}, annotations: {} };
  const group = { file: 'a.yaml', name: 'g', labels: {}, limit: 0 };
  return { rule: compileRule(rule as unknown as AlertRule, group as unknown as RuleGroup), queryOffsetMs: 60_000 };
}

const sample = (service: string, value: number): Sample => ({ labels: { service }, annotations: {}, value });

/** Reads with an expression that answers so; keeps what it was asked. */
async function read(sql: string, answer: (source: string, timeMs: number) => ExpressionResult) {
  const asked: { source: string; timeMs: number }[] = [];
  const reader = createRuleValuesReader({
    evaluate: (source, timeMs) => {
      asked.push({ source, timeMs });
      return Promise.resolve(answer(source, timeMs));
    },
  });
  return { outcome: await reader(ruleOf(sql), TO_MS - HOUR_MS, TO_MS), asked };
}

test('asks 25 moments without the filter, and tells the threshold', async () => {
  const { outcome, asked } = await read(
    'SELECT service, x AS value FROM t GROUP BY service HAVING value > 0.5',
    () => ({
      status: 'ok',
      samples: [sample('a', 0.1), sample('b', 0.9)],
    }),
  );
  expect(asked).toHaveLength(25);
  expect(asked.every(({ source }) => !source.includes('HAVING'))).toBe(true);
  expect(Math.max(...asked.map(({ timeMs }) => timeMs)), 'with the offset of the group').toBe(TO_MS - 60_000);
  expect(outcome).toMatchObject({ status: 'ok', values: { threshold: 0.5, isUnfiltered: true, isCut: false } });
  if (outcome.status !== 'ok') return;
  const [first, second] = outcome.values.series;
  expect([first?.labels, second?.labels], 'the highest first').toEqual([{ service: 'b' }, { service: 'a' }]);
  expect(first?.points).toHaveLength(25);
  expect(first?.points.at(-1)).toEqual({ timeMs: TO_MS, value: 0.9 });
});

test('asks with the filter where it cannot be left out, and a moment without the row has no value', async () => {
  const { outcome } = await read('SELECT service, x AS value FROM t HAVING value > 1', (source, timeMs) =>
    source.includes('HAVING')
      ? { status: 'ok', samples: timeMs === TO_MS - 60_000 ? [sample('a', 2)] : [] }
      : { status: 'failed', reason: 'query_error', message: 'no such column' },
  );
  expect(outcome).toMatchObject({ status: 'ok', values: { isUnfiltered: false, threshold: 1 } });
  if (outcome.status !== 'ok') return;
  const values = outcome.values.series[0]?.points.map(({ value }) => value);
  expect(values?.at(-1)).toBe(2);
  expect(values?.slice(0, -1).every(Number.isNaN)).toBe(true);
});

test('shows the twelve highest of many', async () => {
  const samples = Array.from({ length: 40 }, (_, at) => sample(`s${at}`, at));
  const { outcome } = await read('SELECT 1 AS value', () => ({ status: 'ok', samples }));
  expect(outcome).toMatchObject({ status: 'ok', values: { isCut: true } });
  if (outcome.status !== 'ok') return;
  expect(outcome.values.series.map(({ labels }) => labels['service'])).toEqual(
    Array.from({ length: 12 }, (_, at) => `s${39 - at}`),
  );
});

test('says why where nothing is answered', async () => {
  const { outcome, asked } = await read('SELECT 1 AS value', () => ({
    status: 'failed',
    reason: 'unreachable',
    message: 'ECONNREFUSED',
  }));
  expect(outcome).toEqual({ status: 'failed', message: 'unreachable: ECONNREFUSED' });
  expect(asked).toHaveLength(1);
});
