import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openTerminal } from '../../src/standalone/terminal.ts';

it('does not wait for a reader that stands still, and loses nothing once it reads again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-terminal-'));
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const terminal = openTerminal(path);
  const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index}\n`);
  for (const line of lines) terminal.write(line);
  expect(terminal.writableLength).toBeGreaterThan(0);

  const buffer = Buffer.alloc(64 * 1024);
  let text = '';
  const drain = (): boolean => {
    try {
      text += buffer.toString('utf8', 0, readSync(reader, buffer));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
    }
    return terminal.writableLength === 0;
  };
  while (!drain()) await turn();
  drain();
  expect(text).toBe(lines.join(''));
  terminal.destroy();
  closeSync(reader);
  rmSync(folder, { recursive: true });
});
