import type { Writable } from 'node:stream';

/** What may wait for a slow reader, in bytes; beyond it lines are dropped and counted. */
const WAITING_LIMIT_BYTES = 2 ** 20;

/** Where log lines go. */
export interface LogDestination {
  write(line: string): void;
}

/**
 * Writes log lines to a stream, such as `process.stdout`, without ever waiting for its reader: a launcher that stands still, or a
 * terminal that does, must not hold up a service. A reader that has gone is given up.
 * @param describeDropped makes the line that says how many were dropped, once there is room again
 */
export function createDestination(stream: Writable, describeDropped: (count: number) => string): LogDestination {
  let dropped = 0;
  let isClosed = false;
  stream.on('error', () => {
    isClosed = true;
  });
  return {
    write(line) {
      if (isClosed) return;
      if (stream.writableLength > WAITING_LIMIT_BYTES) {
        dropped += 1;
        return;
      }
      if (dropped > 0) stream.write(describeDropped(dropped));
      dropped = 0;
      stream.write(line);
    },
  };
}
