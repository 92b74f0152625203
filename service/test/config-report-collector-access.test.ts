import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../src/config/index.ts';
import { report } from './report.ts';

/** One sample for each way to be wrong: what is written, and the line of the report it must draw. */
const WRONG: readonly (readonly [way: string, yaml: string, line: string])[] = [
  [
    'a number of concurrent requests that is none',
    'collector:\n  max_concurrent_requests: 0',
    'tocsin.yaml:2: collector.max_concurrent_requests: expected at least 1, found 0',
  ],
  [
    'a request timeout of nothing',
    'collector:\n  request_timeout: 0s',
    'tocsin.yaml:2: collector.request_timeout: expected a duration above zero such as 10s or 5m, found "0s"',
  ],
  [
    'an authentication that is neither required nor off',
    'collector:\n  auth: on',
    'tocsin.yaml:2: collector.auth: expected one of "required", "off", found "on"',
  ],
  [
    'a key in the place of its hash',
    'collector:\n  keys:\n    - { name: shop, sha256: tocsin_abc }',
    'tocsin.yaml:3: collector.keys[0].sha256: expected the SHA-256 of a key in 64 lower-case hex digits, as npx tocsin key prints it, found "tocsin_abc"',
  ],
  [
    'a key name used twice',
    `collector:\n  keys:\n    - { name: a, sha256: ${'0'.repeat(64)} }\n    - { name: a, sha256: ${'1'.repeat(64)} }`,
    'tocsin.yaml:4: collector.keys[1].name: expected a name of its own (keys[0] has this one), found "a"',
  ],
  [
    'a signal that OTLP does not have',
    `collector:\n  keys:\n    - { name: a, sha256: ${'0'.repeat(64)}, signals: [spans] }`,
    'tocsin.yaml:3: collector.keys[0].signals[0]: expected one of "traces", "metrics", "logs", found "spans"',
  ],
  [
    'a rate of nothing',
    `collector:\n  keys:\n    - { name: a, sha256: ${'0'.repeat(64)}, requests_per_second: 0 }`,
    'tocsin.yaml:3: collector.keys[0].requests_per_second: expected at least 1, found 0',
  ],
  [
    'a rate in bytes that is no size',
    `collector:\n  keys:\n    - { name: a, sha256: ${'0'.repeat(64)}, bytes_per_second: 5MB }`,
    'tocsin.yaml:3: collector.keys[0].bytes_per_second: expected a size such as 64MiB or 2GiB, found "5MB"',
  ],
  [
    'a daily volume that is no size',
    `collector:\n  keys:\n    - { name: a, sha256: ${'0'.repeat(64)}, daily_volume: much }`,
    'tocsin.yaml:3: collector.keys[0].daily_volume: expected a size such as 64MiB or 2GiB, found "much"',
  ],
  [
    'a certificate without its key',
    'collector:\n  tls: { cert_file: cert.pem }',
    'tocsin.yaml:2: collector.tls.key_file: expected text that is not empty, found nothing',
  ],
  [
    'an origin with a path',
    'collector:\n  cors: { origins: ["https://shop.example.com/"] }',
    'tocsin.yaml:2: collector.cors.origins[0]: expected an origin such as https://shop.example.com, without a path, or *, found "https://shop.example.com/"',
  ],
  [
    'an accepted past that is no duration',
    'collector:\n  accept: { past: yesterday }',
    'tocsin.yaml:2: collector.accept.past: expected a duration such as 10s, 1m30s or 500ms, found "yesterday"',
  ],
  [
    'an accepted future that is no duration',
    'collector:\n  accept: { future: 1 hour }',
    'tocsin.yaml:2: collector.accept.future: expected a duration such as 10s, 1m30s or 500ms, found "1 hour"',
  ],
];

describe('the report of a bad `collector` section', () => {
  for (const [way, yaml, line] of WRONG) {
    it(`names ${way}: file, line, path, what was expected and what was found`, async () => {
      expect(await report(yaml)).toEqual([line]);
    });
  }

  it('takes keys with every limit, and files of a certificate from the folder of the configuration', async () => {
    const sha256 = 'ab'.repeat(32);
    const folder = await mkdtemp(join(tmpdir(), 'tocsin-config-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await writeFile(
      join(folder, 'tocsin.yaml'),
      `collector:
  auth: off
  tls: { cert_file: certs/a.pem, key_file: /etc/a.key }
  cors: { origins: ["https://shop.example.com", "*"] }
  keys:
    - { name: shop, sha256: ${sha256}, signals: [logs], requests_per_second: 5, bytes_per_second: 1MiB, daily_volume: 2GiB }
    - { name: other, sha256: ${sha256} }
`,
    );
    const { collector } = await loadConfig({ file: 'tocsin.yaml', env: {}, workingDir: folder });
    expect(collector).toMatchObject({
      auth: 'off',
      tls: { certFile: join(folder, 'certs/a.pem'), keyFile: '/etc/a.key' },
      corsOrigins: ['https://shop.example.com', '*'],
      accept: { pastMs: 86_400_000, futureMs: 3_600_000 },
    });
    expect(collector.keys).toEqual([
      { name: 'shop', sha256, signals: ['logs'], requestsPerSecond: 5, bytesPerSecond: 2 ** 20, dailyBytes: 2 ** 31 },
      { name: 'other', sha256, signals: ['traces', 'metrics', 'logs'] },
    ]);
  });
});
