import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openTestJournal, readTexts, temporaryDirectory } from './requests.ts';

/** Lets a process append until so many were acknowledged, kills it then, and tells which were. */
async function appendUntilKilled(directory: string, count: number): Promise<readonly string[]> {
  const acknowledged: string[] = [];
  const child = fork(join(import.meta.dirname, 'append-forever.ts'), [directory], { execArgv: [] });
  child.on('message', (text: string) => {
    acknowledged.push(text);
    if (acknowledged.length === count) child.kill('SIGKILL');
  });
  await once(child, 'close');
  return acknowledged;
}

test('kill -9 at any moment loses no acknowledged request, doubles none and frees the directory', async () => {
  const directory = await temporaryDirectory();
  for (const count of [1, 17, 150]) {
    const acknowledged = await appendUntilKilled(directory, count);
    const journal = await openTestJournal(directory, { maxBytes: 2 ** 30 });
    const recovered = await readTexts(journal);
    const unique = new Set(recovered);
    expect(acknowledged.length).toBeGreaterThanOrEqual(count);
    expect(acknowledged.filter((text) => !unique.has(text))).toEqual([]);
    expect(unique.size).toBe(recovered.length);
    for (const segment of journal.sealed()) await journal.forget(segment);
    await journal.stop();
  }
});
