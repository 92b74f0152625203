import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { measureStalls } from '../../src/stalls.ts';
import { discountOwnTrouble, type RunTimes } from '../../src/own-trouble.ts';
import { down } from '../../src/verdict.ts';
import { FakeClock } from '../fake-clock.ts';
import { makeMonitor, makeNetwork, probe } from '../monitors.ts';

/** A server in a thread of its own goes on while this thread stands still. */
const SERVER = `
  const { createServer } = require('node:http');
  const { parentPort } = require('node:worker_threads');
  const server = createServer((request, response) => {
    if (request.url !== '/never') setTimeout(() => response.end('ok'), 100);
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;
let worker: Worker;
let url: string;

beforeAll(async () => {
  worker = new Worker(SERVER, { eval: true });
  const [port] = (await once(worker, 'message')) as [number];
  url = `http://127.0.0.1:${port}`;
});
afterAll(() => worker.terminate());

function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** A busy machine makes the checker stand still by itself, which is true and not what is asked here: then it is asked again, a few times. */
async function askUntilSteady(ask: () => ReturnType<typeof probe>): ReturnType<typeof probe> {
  let run = await ask();
  for (let left = 9; left > 0 && run.verdict.reason === 'local_resources'; left -= 1) run = await ask();
  return run;
}

test('a checker that stands still over a time limit reads the answer that waits for it', async () => {
  setTimeout(() => standStill(900), 50);
  const run = await probe(makeMonitor(`${url}/`, { timeoutMs: 500 }));
  expect(run.verdict).toMatchObject({ outcome: 'up', reason: 'ok' });
});

test('latency that is the checker standing still is not the target being slow', async () => {
  setTimeout(() => standStill(900), 50);
  const run = await probe(makeMonitor(`${url}/`, { latencyMs: 500 }));
  expect(run.verdict).toMatchObject({ outcome: 'unknown', reason: 'local_resources' });
  expect(run.verdict.message).toMatch(/^the checker itself stood still for .+: expected a response within 500ms/);
});

test('a target that does not answer fails although the checker stood still for a part of the time', async () => {
  const run = await askUntilSteady(() => {
    setTimeout(() => standStill(200), 50);
    return probe(makeMonitor(`${url}/never`, { timeoutMs: 400 }));
  });
  expect(run.verdict).toMatchObject({ outcome: 'down', reason: 'timeout' });
  expect(run.durationMs).toBeGreaterThan(550);
});

test('a checker that stands still again and again says that it knows nothing', async () => {
  const again = (): void => {
    standStill(600);
    setTimeout(() => standStill(600), 100);
  };
  setTimeout(again, 50);
  const run = await probe(makeMonitor(`${url}/never`, { timeoutMs: 400 }));
  expect(run.verdict.outcome).toBe('unknown');
});

test('stalls are what goes beyond a beat, also before the beat is told of it', async () => {
  const clock = new FakeClock();
  const stalls = measureStalls(clock);
  await clock.advance(10_000);
  expect(stalls.totalMs()).toBe(0);
  await clock.advance(20);
  const freezing = clock.freeze(2_000);
  expect(stalls.totalMs()).toBe(1_970);
  await freezing;
  await clock.advance(1_000);
  expect(stalls.totalMs()).toBe(1_970);
  stalls.stop();
  expect(clock.timers).toBe(0);
});

test('a machine that slept shows by its time of day', async () => {
  const clock = new FakeClock();
  const stalls = measureStalls(clock);
  clock.stepWall(3_600_000);
  await clock.advance(50);
  expect(stalls.totalMs()).toBe(3_600_000);
  clock.stepWall(-3_600_000);
  await clock.advance(50);
  expect(stalls.totalMs()).toBe(3_600_000);
  stalls.stop();
});

test('a resolver that takes most of the time is not the target being slow', async () => {
  const target = `${url.replace('127.0.0.1', 'shop.test')}/`;
  const late = await askUntilSteady(() => {
    const slowly = new Promise<never>((resolve) => {
      setTimeout(() => resolve([{ address: '127.0.0.1', family: 4 }] as never), 350);
    });
    return probe(makeMonitor(target, { latencyMs: 300 }), makeNetwork({ names: { 'shop.test': slowly } }));
  });
  expect(late.verdict).toMatchObject({ outcome: 'unknown', reason: 'dns_unavailable' });
});

test.each<[string, Partial<RunTimes>, string]>([
  ['most of the time limit went to the resolver', { resolveMs: 4_000 }, 'unknown'],
  ['the resolver took its usual moment', { resolveMs: 80 }, 'down'],
  ['the target had its whole time beside a slow resolver', { resolveMs: 4_000, totalMs: 9_000 }, 'down'],
  ['nothing was our own doing', {}, 'down'],
])('of a run that ended at its time limit, %s: %#', (_name, parts, outcome) => {
  const times = { totalMs: 5_000, stalledMs: 0, resolveMs: 0, timeoutMs: 5_000, latencyMs: undefined, ...parts };
  expect(discountOwnTrouble(down('timeout', 'no answer'), times).outcome).toBe(outcome);
});

test('a name that is unknown to a machine without a network says nothing of the target', async () => {
  const network = makeNetwork({ names: { 'shop.test': 'ENOTFOUND' } });
  const offline = { ...network, localNetworks: () => [{ address: '127.0.0.1', cidr: '127.0.0.1/8' }] };
  const { verdict } = await probe(makeMonitor('http://shop.test/'), offline);
  expect(verdict).toMatchObject({ outcome: 'unknown', reason: 'dns_unavailable' });
});
