import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { BUDGETS_MS } from '../../bench/budgets-table.ts';
import { type Asked, readStatements } from '../../bench/statements.ts';
import type { Statement } from '../../src/queries/statement-types.ts';
import { readQueries } from '../grafana/read-dashboards.ts';

const queries = await readStatements();
const names = queries.map(({ name }) => name);
const QUERIES = new URL('../../src/queries/', import.meta.url);

/** Every statement that a file of `src/queries` exports. */
async function statementsOfConsole(): Promise<string[]> {
  const modules = (await readdir(QUERIES)).map((file) => import(new URL(file, QUERIES).href));
  const exported: unknown[] = (await Promise.all(modules)).flatMap((module: object) => Object.values(module));
  const isStatement = (value: unknown): value is Statement<Record<string, unknown>, unknown> =>
    typeof value === 'object' && value !== null && 'sql' in value && 'name' in value;
  return exported.filter(isStatement).map(({ name }) => `console: ${name}`);
}

test('the benchmark asks every statement of the console', async () => {
  const statements = await statementsOfConsole();
  expect(statements.length).toBeGreaterThan(4);
  expect(names.filter((name) => name.startsWith('console: ')).toSorted()).toEqual(statements.toSorted());
});

test('it asks every statement of the dashboards and every shipped rule, each by a name of its own', async () => {
  expect(names.filter((name) => name.includes('.json: '))).toHaveLength((await readQueries()).length);
  expect(names.filter((name) => name.startsWith('rule: ')).length).toBeGreaterThan(20);
  expect(new Set(names).size).toBe(names.length);
});

test('a budget belongs to a query that there is', () => {
  expect(Object.keys(BUDGETS_MS).filter((name) => !names.includes(name))).toEqual([]);
  expect(queries.filter(({ budgetMs }) => budgetMs === 50).map(({ name }) => name)).toEqual([
    'console: trace_spans',
    'trace.json: Spans (traces)',
  ]);
});

test('every value that a statement binds is given', () => {
  const nowMs = Date.UTC(2026, 10, 22);
  const options = { monitor: ['m'], service: ['s'], operation: ['o'] };
  const asked: Asked = { nowMs, traceId: 'ab', traceAtMs: nowMs, options };
  for (const { name, ask } of queries) {
    const { sql, parameters } = ask(asked);
    const bound = new Set([...sql.matchAll(/\{(\w+):\w/g)].map(([, parameter]) => parameter));
    for (const parameter of bound) expect(Object.keys(parameters), name).toContain(parameter);
  }
});
