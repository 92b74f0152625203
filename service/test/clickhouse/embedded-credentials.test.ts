import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embeddedCredentials, renewEmbeddedCredentials } from '@tocsin/service/embedded-credentials';
import { afterEach, beforeEach, expect, it } from 'vitest';

let dataDir: string;
const file = () => join(dataDir, 'clickhouse', 'credentials.json');
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tocsin-credentials-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

it('makes two long passwords, once, in a file for this user alone', async () => {
  const made = embeddedCredentials(dataDir);
  expect([made.writer.user, made.reader.user]).toEqual(['tocsin_collector', 'tocsin_reader']);
  for (const { password } of [made.writer, made.reader]) expect(password).toMatch(/^[\w-]{43}$/);
  expect(made.writer.password).not.toBe(made.reader.password);
  expect(embeddedCredentials(dataDir)).toEqual(made);
  expect((await stat(file())).mode & 0o777).toBe(0o600);
  expect(await readdir(join(dataDir, 'clickhouse'))).toEqual(['credentials.json']);
});

it('makes others at the next start: what leaked opens nothing', async () => {
  const before = embeddedCredentials(dataDir);
  renewEmbeddedCredentials(dataDir);
  const after = embeddedCredentials(dataDir);
  expect(after.writer.password).not.toBe(before.writer.password);
  expect(after.reader.password).not.toBe(before.reader.password);
  expect((await stat(file())).mode & 0o777).toBe(0o600);
});

it.each(['', '{', '[]', 'null', '{"writer":"secret-part"}', '{"writer":"","reader":"secret-part"}'])(
  'does not go on with a damaged file, and tells nothing of it: %s',
  async (text) => {
    embeddedCredentials(dataDir);
    await writeFile(file(), text);
    expect(() => embeddedCredentials(dataDir)).toThrow('is not the file of credentials it should be');
    expect(() => embeddedCredentials(dataDir)).not.toThrow('secret-part');
    expect(await readFile(file(), 'utf8')).toBe(text);
  },
);
