import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const PROCESS = join(import.meta.dirname, 'fixtures/logging-process.ts');

it('can end when the reader of its log has gone, as a service does whose launcher was killed', async () => {
  const child = spawn(process.execPath, [PROCESS], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const exit = once(child, 'exit');
  await once(child, 'message');
  child.stdout?.destroy();
  child.send('go');
  const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
  expect((await exit)[0]).toBe(3);
  clearTimeout(timer);
});
