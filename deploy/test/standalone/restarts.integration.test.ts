import { loadConfig } from '@tocsin/service/config';
import { readRestarts } from '@tocsin/service/restarts';
import { expect, onTestFinished, test } from 'vitest';
import { SupervisedProcess } from '../../src/standalone/supervised-process.ts';

/** Says what it was told of restarts, is ready, and crashes twice. */
const SERVICE = `
  const { TOCSIN_RESTARTS } = process.env;
  console.log(TOCSIN_RESTARTS);
  process.send({ type: 'ready', listening: {} }, () => {
    if (!TOCSIN_RESTARTS.startsWith('2')) process.exit(1);
    setInterval(() => {}, 1_000);
  });`;

test('a process that is started again is told how often, and when the last one ended', async () => {
  const lines: string[] = [];
  const beganMs = Date.now();
  const child = new SupervisedProcess({
    name: 'falls',
    command: [process.execPath, '--eval', SERVICE],
    env: process.env,
    workingDir: process.cwd(),
    config: await loadConfig({ file: undefined, env: {}, workingDir: '/' }),
    now: Date.now,
    onLine: (line) => lines.push(line),
    onEvent: () => undefined,
  });
  onTestFinished(async () => void (await child.stop(1_000)));
  child.start();
  await expect.poll(() => lines.length, { timeout: 30_000 }).toBe(3);
  const told = lines.map((line) => readRestarts({ TOCSIN_RESTARTS: line }));
  expect(told.map((one) => one?.count)).toEqual([0, 1, 2]);
  expect(told[0]?.lastEndMs).toBeUndefined();
  const [first = 0, second = 0] = told.slice(1).map((one) => one?.lastEndMs ?? 0);
  expect(first).toBeGreaterThanOrEqual(beganMs);
  expect(second).toBeGreaterThan(first);
  expect(second).toBeLessThanOrEqual(Date.now());
});
