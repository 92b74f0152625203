import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { findClosedPort } from '../servers.ts';

const MAIN = fileURLToPath(new URL('../../src/probe-command/main.ts', import.meta.url));
/** As the lookup of a name whose servers hang does. */
const LINGERS = 'data:text/javascript,setTimeout(() => {}, 600_000)';

test('npx tocsin probe ends with its answer, whatever is still under way', async () => {
  const target = `http://127.0.0.1:${await findClosedPort()}/`;
  const child = spawn(process.execPath, ['--import', LINGERS, MAIN, target, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [code] = (await once(child, 'close')) as [number | null];
  expect(code).toBe(1);
  expect(JSON.parse(output)).toMatchObject({ verdict: { reason: 'connect_refused' } });
});
