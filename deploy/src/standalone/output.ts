import type { Writable } from 'node:stream';
import { formatLine, type LineStyle } from './lines.ts';

/** The most text that waits for a slow terminal or pipe, in bytes; beyond it lines are dropped and counted. */
const WAITING_LIMIT_BYTES = 4 * 2 ** 20;

export type Level = 'info' | 'warn' | 'error';

/** What the launcher prints: its own messages and the services' lines, one after the other. */
export interface Output {
  /** A line that a service printed. */
  line(service: string, line: string): void;
  /** A message of the launcher itself. */
  say(level: Level, message: string, fields?: Readonly<Record<string, unknown>>): void;
  /** Text for people, as it is; not shown where output is JSON. */
  text(text: string): void;
}

/** @param stream where to; one that waits for its reader would hold up every service; @param now Unix milliseconds */
export function createOutput(stream: Writable, style: LineStyle, now: () => number): Output {
  let dropped = 0;
  let isClosed = false;
  // The reader has gone (`npm start | head`): Tocsin goes on without one.
  stream.on('error', () => {
    isClosed = true;
  });
  const write = (text: string): void => {
    if (isClosed) return;
    if (stream.writableLength > WAITING_LIMIT_BYTES) {
      dropped += 1;
      return;
    }
    if (dropped > 0) {
      const note = `${dropped} lines were not shown: the reader of this output is too slow`;
      dropped = 0;
      say('warn', note);
    }
    stream.write(`${text}\n`);
  };
  const say: Output['say'] = (level, msg, fields = {}) => {
    const time = new Date(now()).toISOString();
    write(formatLine('tocsin', JSON.stringify({ level, time, service: 'tocsin', ...fields, msg }), style));
  };
  return {
    line: (service, line) => write(formatLine(service, line, style)),
    say,
    text(text) {
      if (!style.json) write(text);
    },
  };
}
