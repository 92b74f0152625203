import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startS3StandIn } from './s3-stand-in.ts';
import { startSender } from './senders.ts';
import { count, makeHome, startStack, tocsinWith, untilLoaded } from './stack.ts';

const KEYS = { AWS_ACCESS_KEY_ID: 'tocsin', AWS_SECRET_ACCESS_KEY: 'not a secret' };

it('a backup in S3, and one on top of it, taken under ingest, come back; a damaged object is refused by its name', async () => {
  const home = await mkdtemp(join(tmpdir(), 'tocsin-s3-'));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  const s3 = await startS3StandIn(KEYS.AWS_ACCESS_KEY_ID);
  onTestFinished(() => s3.stop());
  const env = { ...KEYS, AWS_ENDPOINT_URL_S3: s3.url };
  await makeHome(home);
  const stack = await startStack(home);
  onTestFinished(() => void stack.launched.child.kill('SIGKILL'));
  const sender = startSender('s3', () => stack.endpoints['collector.http'] ?? '');
  onTestFinished(() => sender.stop());
  const acknowledged: number[] = [];
  for (const flags of [[], ['--incremental']]) {
    acknowledged.push(sender.acknowledged);
    const { code, err } = await tocsinWith(env, home, 'backup', 's3://bucket/tocsin', ...flags);
    expect(err).not.toContain('No backup was made');
    expect(code).toBe(0);
  }
  await sender.stop();
  await stack.stop();
  // What was on its way is gone from this machine.
  expect((await readdir(join(home, 'data'))).filter((name) => name.startsWith('backup'))).toEqual([]);

  const restored = join(home, 'restored');
  await makeHome(restored);
  const restore = await tocsinWith(env, restored, 'restore', 's3://bucket/tocsin');
  expect(restore.err).not.toContain('Not restored');
  expect(restore.code).toBe(0);
  const again = await startStack(restored);
  onTestFinished(() => void again.launched.child.kill('SIGKILL'));
  await untilLoaded(restored);
  const { rows, numbers, sum, max, rollup } = await count(again.endpoints['clickhouse.http'] ?? '', 's3');
  expect(max).toBeGreaterThanOrEqual(acknowledged[1] ?? Infinity);
  expect({ rows, numbers, sum, rollup }).toEqual({ rows: max, numbers: max, sum: (max * (max + 1)) / 2, rollup: max });
  await again.stop();

  const key = [...s3.objects.keys()].find((path) => /-full\/clickhouse\/data\/.*data\.bin$/.test(path)) ?? '';
  const damaged = Buffer.from(s3.objects.get(key) ?? '');
  damaged[0] = (damaged[0] ?? 0) ^ 1;
  s3.objects.set(key, damaged);
  const refused = await tocsinWith(env, home, 'restore', 's3://bucket/tocsin', '--data', 'fresh');
  expect(refused.code).toBe(1);
  expect(refused.err).toContain(`s3://${key} is damaged`);
  expect((await readdir(home)).filter((name) => name.startsWith('fresh'))).toEqual([]);

  const closed = await tocsinWith(
    { ...env, AWS_ACCESS_KEY_ID: 'somebody' },
    home,
    'backup',
    'list',
    's3://bucket/tocsin',
  );
  expect(closed).toMatchObject({ code: 1, err: expect.stringContaining('403 AccessDenied') });
}, 900_000);
