import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';

/** The reading end of a named pipe while a writer elsewhere may still come. */
export interface PipeReader {
  readonly stream: Socket;
  /** Says that the writer has finished: the stream ends when the rest has been read. Idempotent. */
  writerDone(): void;
  /**
   * Makes the writer end: as soon as it is seen to write, the pipe has no reader any more and its `write` fails. Until then there is one, for a
   * pipe that nobody reads would hold the engine's thread in `open` for ever, and one that is full in `write`, where no KILL reaches it. Idempotent.
   */
  discard(): void;
}

/**
 * Opens a named pipe for reading. Neither end blocks: the reading end is opened non-blocking, and a writing end of our own keeps
 * the pipe from ending before the engine has opened it.
 */
export function openPipe(path: string): PipeReader {
  const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  let spare: number | undefined = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  let writeEnd: number | undefined = openSync(path, constants.O_WRONLY);
  const stream = new Socket({ fd: readEnd, readable: true, writable: false });
  return {
    stream,
    writerDone() {
      if (writeEnd === undefined) return;
      closeSync(writeEnd);
      writeEnd = undefined;
      if (spare !== undefined) closeSync(spare);
      spare = undefined;
    },
    discard() {
      stream.destroy();
      if (spare === undefined) return;
      const last = new Socket({ fd: spare, readable: true, writable: false });
      // Where nothing is written any more it ends by itself when the last writer closes.
      last.once('data', () => last.destroy());
      spare = undefined;
    },
  };
}
