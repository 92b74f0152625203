import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { JsonJudge } from '../src/expect/json-judge.ts';
import { configure } from './kinds/configured.ts';
import { makeMonitor, makeNetwork, probe } from './monitors.ts';
import { serveHttp } from './servers.ts';

/** 10 MiB whose values, each with its place, take many times the memory that there is. */
const WIDE = `${'['.repeat(190)}${'1,'.repeat(5 * 2 ** 20)}1${']'.repeat(190)}`;
const there = { tests: [{ operator: 'exists', negated: false }] } as const;

test('a query that takes all memory ends in its thread and leaves the checker alive', async () => {
  const judge = new JsonJudge();
  const options = { target: 'a.test', signal: AbortSignal.timeout(50_000) };
  const outcome = await judge.ask(WIDE, { path: '$..*.x', ...there }, options);
  await judge.stop();
  expect(outcome).toEqual({ status: 'exhausted', of: 'memory' });
});

test('a target with a body and an expectation that cannot be judged is unknown, and other probes go on', async () => {
  await using hostile = await serveHttp((_request, response) => response.end(WIDE));
  await using well = await serveHttp((_request, response) => response.end('{"status":"ok"}'));
  const settings = { max_body: '16MiB', timeout: '2s', confirm: undefined, expect: { json: { path: '$..*.x' } } };
  const network = makeNetwork();
  const judged = probe(await configure({ http: hostile.url, ...settings }), network);
  const others: string[] = [];
  const isOver = judged.then(() => true);
  while (!(await Promise.race([isOver, sleep(20, false)]))) {
    const monitor = makeMonitor(well.url, {
      expect: [{ severity: 'down', subject: 'json', path: '$.status', ...there }],
    });
    others.push((await probe(monitor, network)).verdict.outcome);
  }
  const { verdict, durationMs } = await judged;
  expect(verdict).toMatchObject({ outcome: 'unknown', reason: 'local_resources' });
  expect(verdict.message).toMatch(
    /^expected to look for \$\.\.\*\.x in a body of \d+ KiB, found that it takes this checker more/,
  );
  expect(durationMs).toBeLessThan(10_000);
  expect(others.length).toBeGreaterThan(3);
  expect(new Set(others)).toEqual(new Set(['up']));
});
