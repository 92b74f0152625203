import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { Writable } from 'node:stream';

const TRY_AGAIN_MS = 50;

/**
 * Opens the terminal at a path such as `/dev/tty` for writing without ever waiting for it. Node writes to a terminal of its own as long
 * as that takes, and one that stands still (Ctrl-S, a window that scrolls) would hold up the launcher and every service with it.
 * @throws the error of the system where it cannot be opened
 */
export function openTerminal(path: string): Writable {
  const terminal = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => writeWhole(terminal, chunk, done),
    destroy(error, done) {
      closeSync(terminal);
      done(error);
    },
  });
}

function writeWhole(terminal: number, text: Buffer, done: (error?: Error) => void): void {
  let rest = text;
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(terminal, rest));
  } catch (error) {
    const isFull = error instanceof Error && 'code' in error && error.code === 'EAGAIN';
    if (isFull) setTimeout(() => writeWhole(terminal, rest, done), TRY_AGAIN_MS);
    else done(error instanceof Error ? error : new Error('the terminal cannot be written', { cause: error }));
    return;
  }
  done();
}
