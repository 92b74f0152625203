import { expect, test } from 'vitest';
import { shareOverview } from '../src/overview/shared-overview.ts';
import { emptyOverview } from './fixtures.ts';

test('readers share one overview while it is made and for two seconds after its start', async () => {
  let loads = 0;
  const overview = shareOverview((nowMs) => (loads++, Promise.resolve(emptyOverview({ atMs: nowMs }))));
  await Promise.all([overview(0), overview(1), overview(500)]);
  await overview(1_999);
  expect(loads).toBe(1);
  await overview(2_000);
  expect(loads).toBe(2);
});

test('a slow load is not started a second time', async () => {
  const { promise, resolve } = Promise.withResolvers<ReturnType<typeof emptyOverview>>();
  let loads = 0;
  const overview = shareOverview(() => (loads++, promise));
  const readers = [overview(0), overview(60_000)];
  resolve(emptyOverview());
  await Promise.all(readers);
  expect(loads).toBe(1);
});

test('a failed load is tried again by the next reader', async () => {
  let loads = 0;
  const overview = shareOverview(() =>
    loads++ === 0 ? Promise.reject(new Error('once')) : Promise.resolve(emptyOverview()),
  );
  await expect(overview(0)).rejects.toThrow('once');
  await expect(overview(1)).resolves.toBeDefined();
});

test('a clock that steps back does not freeze the page', async () => {
  let loads = 0;
  const overview = shareOverview(() => (loads++, Promise.resolve(emptyOverview())));
  await overview(1_000_000);
  await overview(0);
  expect(loads).toBe(2);
});
