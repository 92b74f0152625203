import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@tocsin/service/log';
import { onTestFinished } from 'vitest';
import { type JournalHandle, type JournalOptions, openJournal } from '../../src/journal/journal.ts';
import { readSegment, walkSegment } from './segment-bytes.ts';

/** A directory that is removed when the test ends. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tocsin-journal-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Opens a journal that is stopped when the test ends; segments are sealed only when the test says so. */
export async function openTestJournal(
  directory: string,
  options: Partial<JournalOptions> = {},
): Promise<JournalHandle> {
  const journal = await openJournal({
    directory,
    maxBytes: 2 ** 20,
    segmentBytes: 2 ** 16,
    segmentAgeMs: 60_000,
    minFreeBytes: 0,
    log: silentLogger(),
    ...options,
  });
  onTestFinished(() => journal.stop());
  return journal;
}

/** A body that is valid protobuf of no known field: field 15, text. */
export function body(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.byteLength > 127) throw new Error('too long for one byte of length');
  return Buffer.concat([Buffer.from([0x7a, bytes.byteLength]), bytes]);
}

/** The texts of all requests in the sealed segments, in order. */
export async function readTexts(journal: JournalHandle): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const segment of journal.sealed()) {
    const bytes = await readSegment(segment);
    for (const { bodyOffset, bodyBytes } of walkSegment(bytes).requests) {
      texts.push(bytes.subarray(bodyOffset + 2, bodyOffset + bodyBytes).toString());
    }
  }
  return texts;
}

/** The journal's segment files, oldest first. */
export async function segmentFiles(directory: string): Promise<readonly string[]> {
  const files = await readdir(join(directory, 'journal'));
  return files.filter((file) => !file.startsWith('lock')).toSorted();
}
