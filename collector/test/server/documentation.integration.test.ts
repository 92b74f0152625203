import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { decodeRequest } from '../otlp/oracle.ts';
import { startIntake } from './intake.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const MARK = '<!-- run by collector/test/server/documentation.integration.test.ts -->\n\n```js\n';

/** The program that the page shows after the mark. */
function readSnippet(): string {
  const [, after = ''] = readFileSync(join(ROOT, 'docs/instrument.md'), 'utf8').split(MARK);
  return after.slice(0, after.indexOf('```'));
}

test('the Node program of docs/instrument.md runs as it stands, and its span and its metric arrive', async () => {
  const { http, journal } = await startIntake();
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-snippet-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'app.mjs'), readSnippet());
  // The example has the packages that the page says to install.
  await symlink(join(ROOT, 'deploy/examples/shop/node_modules'), join(folder, 'node_modules'));
  const env = {
    ...process.env,
    OTEL_EXPORTER_OTLP_ENDPOINT: http,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_SERVICE_NAME: 'shop',
    OTEL_METRICS_EXPORTER: 'otlp',
  };
  const program = spawn(process.execPath, ['app.mjs'], { cwd: folder, env, stdio: ['ignore', 'inherit', 'inherit'] });
  expect(await once(program, 'exit')).toEqual([0, null]);
  const traces = journal.entries.filter(({ signal }) => signal === 'traces');
  expect(traces.map(({ body }) => decodeRequest('traces', body))).toMatchObject([
    {
      resourceSpans: [
        {
          resource: {
            attributes: expect.arrayContaining([{ key: 'service.name', value: { stringValue: 'shop' } }]),
          },
          scopeSpans: [
            { spans: [{ name: 'checkout', attributes: [{ key: 'shop.items', value: { intValue: '3' } }] }] },
          ],
        },
      ],
    },
  ]);
  const points = journal.entries.filter(({ signal }) => signal === 'metrics');
  expect(points.map(({ body }) => decodeRequest('metrics', body))).toMatchObject([
    { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'orders', unit: '{order}' }] }] }] },
  ]);
});
