import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const PROCESS = join(import.meta.dirname, 'fixtures/logging-process.ts');

let child: ChildProcess;
beforeEach(async () => {
  child = spawn(process.execPath, [PROCESS], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  await once(child, 'message');
});
afterEach(() => void child.kill('SIGKILL'));

/** What the process has logged and its reader has not taken yet. */
async function waitingBytes(): Promise<unknown> {
  const answer = once(child, 'message');
  child.send('waiting');
  return (await answer)[0];
}

describe('the log of a process', () => {
  it('does not keep it from ending when its reader has gone, as that of a service whose launcher was killed', async () => {
    child.stdout?.destroy();
    const exit = once(child, 'exit');
    child.send('end');
    expect((await exit)[0]).toBe(3);
  });

  it('does not hold it up when its reader stands still; later it says how many lines were dropped', async () => {
    child.send('much');
    expect((await once(child, 'message'))[0]).toBe('still here');

    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    await expect.poll(() => waitingBytes()).toBe(0);
    child.send('end');
    await once(child, 'exit');
    const lines = text.trim().split('\n');
    const dropped = lines
      .map((line) => (JSON.parse(line) as { dropped?: number }).dropped ?? 0)
      .find((count) => count > 0);
    expect(dropped).toBeGreaterThan(1_000);
    expect(lines.filter((line) => line.includes('filling')).length + (dropped ?? 0)).toBe(5_000);
  });
});
