import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestClickHouse, type TestClickHouse } from '../../src/testing/index.ts';
import { run, send } from './support.ts';

let server: TestClickHouse;
let journal: string;

beforeAll(async () => {
  server = await startTestClickHouse();
  journal = join(server.dataDir, 'collector', 'journal');
  await mkdir(journal, { recursive: true });
  await writeFile(join(journal, 'traces-1.segment'), '1,one\n2,two\n');
  await writeFile(join(server.dataDir, 'secret'), '3,secret\n');
  await symlink(join(server.dataDir, 'secret'), join(journal, 'link.segment'));
  await run(server, 'CREATE TABLE t (a UInt32, b String) ENGINE = MergeTree ORDER BY a');
});

afterAll(() => server.stop());

const INSERT = 'INSERT INTO t FORMAT CSV';
const FROM_INPUT = "INSERT INTO t (a, b) SELECT a + 10, b FROM input('a UInt32, b String') FORMAT CSV";

function hand(name: string, query = INSERT, more: Readonly<Record<string, string>> = {}) {
  return send(server, { query }, { method: 'POST', headers: { 'X-Tocsin-Segment': name, ...more } });
}

describe('a segment that is named in place of being sent', () => {
  it('is the data of the INSERT, with input() too, and stays where it is', async () => {
    expect((await hand('traces-1.segment')).status).toBe(200);
    expect((await hand('traces-1.segment', FROM_INPUT)).status).toBe(200);
    expect((await hand('traces-1.segment', FROM_INPUT)).status).toBe(200);
    expect(await run(server, 'SELECT a, b, count() FROM t GROUP BY a, b ORDER BY a')).toBe(
      '1\tone\t1\n2\ttwo\t1\n11\tone\t2\n12\ttwo\t2\n',
    );
  });

  it.each([
    ['a path', '../../secret', 400, 'Code: 36'],
    ['an absolute path', '/etc/passwd', 400, 'Code: 36'],
    ['the folder itself', '.', 400, 'Code: 36'],
    ['a link out of the folder', 'link.segment', 500, 'Code: 107'],
    ['a file that is not there', 'traces-2.segment', 500, 'Code: 107'],
  ])('%s is refused', async (_what, name, status, code) => {
    const answer = await hand(name);
    expect(answer.text).toContain(code);
    expect(answer.status).toBe(status);
    expect(await run(server, "SELECT count() FROM t WHERE b LIKE '%root%' OR b = 'secret'")).toBe('0\n');
  });

  it('is for the collector alone', async () => {
    const query = `/?${new URLSearchParams({ query: INSERT, session_id: 'mine' }).toString()}`;
    const headers = { 'X-Tocsin-Segment': 'traces-1.segment' };
    const answer = await fetch(`${server.address}${query}`, { method: 'POST', headers });
    expect(await answer.text()).toContain('Code: 164');
  });
});
