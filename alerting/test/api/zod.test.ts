import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const SOURCE = join(import.meta.dirname, '../../src');

test('no module of alerting loads zod with itself: only a request that needs it does (docs/decisions/0016)', () => {
  const files = globSync('**/*.ts', { cwd: SOURCE });
  expect(files.length).toBeGreaterThan(50);
  const loading = files.filter((file) =>
    /^import (?!type ).*from 'zod'/m.test(readFileSync(join(SOURCE, file), 'utf8')),
  );
  expect(loading).toEqual([]);
});
