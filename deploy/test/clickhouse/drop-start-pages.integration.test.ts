import { Session } from 'chdb';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { dropStartPages } from '../../src/clickhouse/memory/drop-start-pages.ts';

const QUERY = 'SELECT groupArray(toString(number * 3)) AS a, sum(number) FROM numbers(5) FORMAT JSONCompactEachRow';

it('gives back pages of the engine’s code, and the engine goes on as before', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-pages-'));
  const session = new Session(folder);
  try {
    const before = String(session.query(QUERY));
    const dropped = await dropStartPages();
    expect(dropped?.bytes ?? 0).toBeGreaterThan(process.platform === 'linux' ? 2 ** 20 : -1);
    expect(String(session.query(QUERY))).toBe(before);
    expect(before).toContain('["0","3","6","9","12"]');
    expect(() => session.query('SELECT throwIf(1)')).toThrow('FUNCTION_THROW_IF_VALUE_IS_NON_ZERO');
  } finally {
    session.close();
    await rm(folder, { recursive: true, force: true });
  }
});
