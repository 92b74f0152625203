import { afterEach, describe, expect, it } from 'vitest';
import { startTestClickHouse, type TestClickHouse } from '../../src/testing/index.ts';
import { run, send } from './support.ts';

let server: TestClickHouse | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function started(): Promise<TestClickHouse> {
  server = await startTestClickHouse();
  return server;
}

describe('the process', () => {
  it('comes back after kill -9 with every acknowledged insert', async () => {
    const engine = await started();
    await run(engine, 'CREATE TABLE kept (writer UInt8, n UInt32) ENGINE = MergeTree ORDER BY n');
    const acknowledged = [0, 0, 0, 0];
    const writers = acknowledged.map(async (_, writer) => {
      for (let n = 0; ; n += 1) {
        try {
          await run(engine, `INSERT INTO kept FORMAT TSV\n${writer}\t${n}\n`);
        } catch {
          // The kill: nothing after it was acknowledged.
          return;
        }
        acknowledged[writer] = n + 1;
      }
    });
    await expect.poll(() => Math.min(...acknowledged), { timeout: 20_000 }).toBeGreaterThan(15);
    await engine.kill();
    await Promise.all(writers);
    await engine.restart();
    const rows = await run(
      engine,
      'SELECT writer, count(), uniqExact(n) FROM kept GROUP BY writer ORDER BY writer FORMAT TSV',
    );
    for (const line of rows.trim().split('\n')) {
      const [writer, count, unique] = line.split('\t').map(Number);
      expect(count).toBe(unique);
      expect(count).toBeGreaterThanOrEqual(acknowledged[writer ?? -1] ?? Number.NaN);
    }
    expect(await engine.stop()).toBe(0);
  });

  it('lets inserts pass while every read place is taken', async () => {
    const engine = await started();
    await run(engine, 'CREATE TABLE quick (n UInt32) ENGINE = MergeTree ORDER BY n');
    const gone = new AbortController();
    const slow =
      'SELECT sleepEachRow(3) FROM numbers(20) SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 0';
    const reads = Array.from({ length: 12 }, () =>
      send(engine, {}, { method: 'POST', body: slow, signal: gone.signal }).catch(() => 'gone'),
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    const begin = performance.now();
    for (let n = 0; n < 10; n += 1) await run(engine, `INSERT INTO quick FORMAT TSV\n${n}\n`);
    expect(performance.now() - begin).toBeLessThan(2_000);
    gone.abort();
    expect(await Promise.all(reads)).toEqual(Array.from({ length: 12 }, () => 'gone'));
    // All places are free again.
    expect(await run(engine, 'SELECT count() FROM quick FORMAT TSV')).toBe('10\n');
  });

  it('finishes what runs and exits 0 when it is told to stop', async () => {
    const engine = await started();
    const running = run(engine, 'SELECT sleep(1), 7 FORMAT TSV');
    await new Promise((resolve) => setTimeout(resolve, 200));
    const stopping = engine.stop();
    expect(await running).toBe('0\t7\n');
    expect(await stopping).toBe(0);
  });

  it('ends a statement that takes too long to wait for, and still exits 0', async () => {
    const engine = await started();
    const running = send(
      engine,
      {},
      { method: 'POST', body: 'SELECT count() FROM numbers(100000000000) WHERE cityHash64(number) = 1' },
    );
    const ended = running.then(
      ({ status }) => status,
      () => 'cut',
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    const begin = performance.now();
    expect(await engine.stop()).toBe(0);
    expect(performance.now() - begin).toBeLessThan(7_000);
    expect([500, 'cut']).toContain(await ended);
  });

  it('streams a large result in flat memory, at the pace of its reader', async () => {
    const engine = await started();
    const answer = await fetch(
      `${engine.address}/?query=${encodeURIComponent('SELECT number, toString(number) AS text FROM numbers(6000000) FORMAT JSON')}`,
    );
    let bytes = 0;
    for await (const chunk of answer.body ?? []) bytes += (chunk as Uint8Array).length;
    expect(bytes).toBeGreaterThan(250e6);
    expect(await memoryOf(engine)).toBeLessThan(700e6);
  });
});

/** Peak resident memory in bytes, where the system tells. */
async function memoryOf(engine: TestClickHouse): Promise<number> {
  if (process.platform !== 'linux') return 0;
  const { readFile } = await import('node:fs/promises');
  const status = await readFile(`/proc/${engine.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) * 1024;
}
