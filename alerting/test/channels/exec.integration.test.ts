import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listChannels } from '../../src/channels/registry.ts';
import { readReceiver } from './receiver.ts';
import { CONSOLE_URL, sampleNotification } from './sample.ts';

const NEVER = new AbortController().signal;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-exec-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function run(script: string, more = '', signal = NEVER) {
  const file = join(folder, 'script.sh');
  writeFileSync(file, script);
  const [listed] = listChannels(await readReceiver(`exec_configs: [{ command: [sh, "${file}", "a b"], ${more} }]`));
  const channel = listed!.open({ consoleUrl: CONSOLE_URL });
  return channel.send(sampleNotification(), signal);
}
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

test('a command gets the body of a webhook, facts in its environment, its arguments, and nothing of ours', async () => {
  process.env['TOCSIN_TEST_SECRET'] = 'hush';
  const result = await run(
    `cat > ${folder}/body; env > ${folder}/env; printf %s "$1" > ${folder}/argument`,
    'env: { COLOR: red }',
  );
  delete process.env['TOCSIN_TEST_SECRET'];
  expect(result).toEqual({ status: 'ok' });
  expect(JSON.parse(read('body'))).toMatchObject({ version: '4', receiver: 'team', status: 'firing' });
  expect(read('env')).toContain('TOCSIN_NOTIFICATION_ID=key-1\n');
  expect(read('env')).toContain('TOCSIN_TITLE=[FIRING:1] HighErrorRate (shop)\n');
  expect(read('env')).toContain('COLOR=red\n');
  expect(read('env')).not.toContain('hush');
  expect(read('argument')).toBe('a b');
});

test.each([
  [1, 'retryable'],
  [75, 'retryable'],
  [100, 'failed'],
])('exit code %i is %s, with what the command said', async (code, status) => {
  const result = await run(`echo "no\nlamp" >&2; exit ${code}`);
  expect(result).toEqual({
    status,
    reason: 'command_failed',
    detail: `The command ended with exit code ${code}: no lamp`,
  });
});

test('a command that reads nothing is no error', async () => {
  expect(await run('exit 0')).toEqual({ status: 'ok' });
});

test('a command that is not there is final', async () => {
  const [listed] = listChannels(await readReceiver('exec_configs: [{ command: [/no/such/program] }]'));
  const result = await listed!.open({ consoleUrl: CONSOLE_URL }).send(sampleNotification(), NEVER);
  expect(result).toEqual({
    status: 'failed',
    reason: 'command_failed',
    detail: 'The command could not be started: ENOENT.',
  });
});

test('a command that takes too long ends with everything that it has started', async () => {
  const result = await run(`sleep 60 & echo $! > ${folder}/child; wait`, 'timeout: 300ms');
  expect(result).toMatchObject({ status: 'retryable', reason: 'timeout' });
  const child = Number(read('child'));
  const isThere = (): boolean => {
    try {
      // A zombie that nobody waits for has ended too.
      return !/^State:\s+Z/m.test(readFileSync(`/proc/${child}/status`, 'utf8'));
    } catch {
      return false;
    }
  };
  while (isThere()) await sleep(10);
  expect(isThere()).toBe(false);
});

test('a command that does not listen to the polite signal is ended all the same', async () => {
  const result = await run(
    `trap '' TERM; echo ready > ${folder}/ready; while :; do sleep 0.05; done`,
    'timeout: 300ms',
  );
  expect(result).toMatchObject({ status: 'retryable', reason: 'timeout' });
});
