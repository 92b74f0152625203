import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';

/** The reading end of a named pipe while a writer elsewhere may still come. */
export interface PipeReader {
  readonly stream: Socket;
  /** Says that the writer has finished: the stream ends when the rest has been read. Idempotent. */
  writerDone(): void;
}

/**
 * Opens a named pipe for reading. Neither end blocks: the reading end is opened non-blocking, and a writing end of our own keeps
 * the pipe from ending before the engine has opened it.
 */
export function openPipe(path: string): PipeReader {
  const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  let writeEnd: number | undefined = openSync(path, constants.O_WRONLY);
  return {
    stream: new Socket({ fd: readEnd, readable: true, writable: false }),
    writerDone() {
      if (writeEnd === undefined) return;
      closeSync(writeEnd);
      writeEnd = undefined;
    },
  };
}
