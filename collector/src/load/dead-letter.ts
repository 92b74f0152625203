import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory } from '../journal/segment-file.ts';
import type { Signal } from '../signal.ts';

/** Why something lies in the dead-letter folder: ClickHouse refused it, or its checksum is wrong. */
export type DeadLetterReason = 'refused' | 'damaged';

/** A request that cannot be loaded, with all that is known about it. */
export interface DeadLetter {
  readonly segment: string;
  readonly signal: Signal;
  /** Where it lay in the segment, in bytes. */
  readonly offset: number;
  readonly reason: DeadLetterReason;
  /** The table that did not take it; a request of metrics may have been taken by the others. */
  readonly table?: string;
  /** ClickHouse's error code and words. */
  readonly code?: number;
  readonly message: string;
  readonly items?: number;
  readonly at: Date;
}

/**
 * Keeps a request in the dead-letter folder: its bytes as they came in `NAME.otlp` (a valid body for `POST /v1/…`) and why in
 * `NAME.reason.json`. Both are on disk on return. The same request always gets the same name.
 */
export async function writeDeadLetter(directory: string, letter: DeadLetter, body: Uint8Array): Promise<string> {
  await mkdir(directory, { recursive: true });
  const name = [letter.segment, letter.offset, letter.table ?? 'damaged'].join('.');
  await writeDurably(join(directory, `${name}.otlp`), body);
  const reason = `${JSON.stringify({ ...letter, bytes: body.byteLength }, undefined, 2)}\n`;
  await writeDurably(join(directory, `${name}.reason.json`), Buffer.from(reason));
  await syncDirectory(directory);
  return name;
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
