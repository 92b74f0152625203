import { describe, expect, it } from 'vitest';
import { createLane } from '../../src/clickhouse/engine/lane.ts';

const never = new AbortController().signal;

/** Work that ends when told. */
function work() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { run: () => promise, end: resolve };
}

describe('a lane', () => {
  it('runs as many as it has places and the others in order', async () => {
    const lane = createLane({ name: 'read', concurrency: 1, maxWaiting: 2 });
    const order: number[] = [];
    const first = work();
    const all = [
      lane.run(first.run, never),
      lane.run(async () => void order.push(2), never),
      lane.run(async () => void order.push(3), never),
    ];
    await Promise.resolve();
    expect(lane.stats).toMatchObject({ running: 1, waiting: 2 });
    first.end();
    await Promise.all(all);
    expect(order).toEqual([2, 3]);
    expect(lane.stats).toMatchObject({ running: 0, waiting: 0, refused: 0 });
  });

  it('refuses and counts what finds the waiting room full', async () => {
    const lane = createLane({ name: 'read', concurrency: 1, maxWaiting: 0 });
    const first = work();
    const running = lane.run(first.run, never);
    await expect(lane.run(async () => undefined, never)).rejects.toMatchObject({ code: 202 });
    expect(lane.stats.refused).toBe(1);
    first.end();
    await running;
  });

  it('lets a waiting client go away, and its place goes to the next', async () => {
    const lane = createLane({ name: 'read', concurrency: 1, maxWaiting: 5 });
    const first = work();
    const gone = new AbortController();
    const running = lane.run(first.run, never);
    const leaving = lane.run(async () => 'left', gone.signal);
    const next = lane.run(async () => 'next', never);
    gone.abort();
    await expect(leaving).rejects.toMatchObject({ code: 394 });
    first.end();
    await running;
    expect(await next).toBe('next');
    expect(lane.stats).toMatchObject({ running: 0, waiting: 0 });
  });

  it('gives the place back after a failure', async () => {
    const lane = createLane({ name: 'read', concurrency: 1, maxWaiting: 0 });
    await expect(lane.run(() => Promise.reject(new Error('no')), never)).rejects.toThrow('no');
    expect(await lane.run(async () => 1, never)).toBe(1);
  });
});
