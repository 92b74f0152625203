import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createClickHouse } from '../../src/clickhouse/client.ts';
import { parseServerVersion } from '../../src/clickhouse/server-version.ts';
import { type ClickHouseConfig, loadConfig, type TocsinConfig } from '../../src/config/index.ts';
import { type FakeServer, startFakeServer } from './fake-server.ts';

const defaults = await loadConfig({ file: undefined, env: {}, workingDir: '/' });
const fixture = (name: string): string => readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8');
const cert = fixture('localhost.crt');
const key = fixture('localhost.key');

function configWith(clickhouse: Partial<ClickHouseConfig>): TocsinConfig {
  return { ...defaults, clickhouse: { ...defaults.clickhouse, ...clickhouse } };
}

async function ask(config: TocsinConfig, readonly = true): Promise<void> {
  const client = createClickHouse(config, { application: 'test', readonly });
  onTestFinished(() => client.close());
  await (await client.query({ query: 'SELECT 1', format: 'JSONEachRow' })).text();
}

const startTls = (): Promise<FakeServer> =>
  startFakeServer('{}', { cert, key, requestCert: true, rejectUnauthorized: false });

test('user, password and database go along', async () => {
  const server = await startFakeServer('{}');
  await ask(configWith({ url: server.url, user: 'reader', password: 's3cret', database: 'elsewhere' }));
  const [asked] = server.asked;
  expect(asked?.headers.authorization).toBe(`Basic ${Buffer.from('reader:s3cret').toString('base64')}`);
  expect([asked?.settings.get('database'), asked?.settings.get('readonly')]).toEqual(['elsewhere', '1']);
});

test('who is named in the URL goes before who is named beside it, without a word on the console', async () => {
  const printed = vi.spyOn(console, 'warn');
  onTestFinished(() => printed.mockRestore());
  const server = await startFakeServer('{}');
  const named = server.url.replace('://', '://in%40url:p%3Ass@');
  await ask(configWith({ url: named, user: 'reader', password: 's3cret' }));
  await ask(configWith({ url: server.url.replace('://', '://only@'), password: 's3cret' }));
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
  expect(server.asked.map(({ headers }) => headers.authorization)).toEqual([
    basic('in@url:p:ss'),
    basic('only:s3cret'),
  ]);
  expect(printed).not.toHaveBeenCalled();
});

test('a certificate of nobody known is refused, one signed by the configured CA is taken', async () => {
  const server = await startTls();
  const tls = { ca: undefined, cert: undefined, key: undefined, insecureSkipVerify: false };
  await expect(ask(configWith({ url: server.url, tls }))).rejects.toThrow(/self-signed certificate/);
  await expect(ask(configWith({ url: server.url }))).rejects.toThrow(/self-signed certificate/);
  await ask(configWith({ url: server.url, tls: { ...tls, ca: cert } }));
  expect(server.asked).toHaveLength(1);
});

test('a client certificate is shown, and logs in where there is no password', async () => {
  const server = await startTls();
  const tls = { ca: cert, cert, key, insecureSkipVerify: false };
  await ask(configWith({ url: server.url, tls, user: 'collector' }));
  await ask(configWith({ url: server.url, tls, user: 'collector', password: 'too' }));
  const [byCertificate, byPassword] = server.asked;
  expect(byCertificate?.certificate).toBe('localhost');
  expect(byCertificate?.headers).toMatchObject({
    'x-clickhouse-user': 'collector',
    'x-clickhouse-ssl-certificate-auth': 'on',
  });
  expect(byCertificate?.headers.authorization).toBeUndefined();
  expect(byPassword?.headers.authorization).toMatch(/^Basic /);
  expect(byPassword?.headers['x-clickhouse-ssl-certificate-auth']).toBeUndefined();
});

test('not checking certificates works, and is said aloud', async () => {
  const server = await startTls();
  const tls = { ca: undefined, cert: undefined, key: undefined, insecureSkipVerify: true };
  const config = configWith({ url: server.url, tls });
  const said: string[] = [];
  const log = { warn: (_fields: object, sentence: string) => said.push(sentence) } as never;
  const client = createClickHouse(config, { application: 'test', readonly: true, log });
  onTestFinished(() => client.close());
  await (await client.query({ query: 'SELECT 1' })).text();
  expect(said).toEqual(['clickhouse: certificates are NOT checked (insecure_skip_verify)']);
});

test('over a cluster joins are global, and the writer waits for every shard', async () => {
  const server = await startFakeServer('{}');
  await ask(configWith({ url: server.url, cluster: 'main' }));
  await ask(configWith({ url: server.url, cluster: 'main' }), false);
  await ask(configWith({ url: server.url }), false);
  const names = ['distributed_product_mode', 'distributed_foreground_insert', 'readonly'];
  expect(server.asked.map(({ settings }) => names.map((name) => settings.get(name)))).toEqual([
    ['global', null, '1'],
    ['global', '1', null],
    [null, null, null],
  ]);
});

test('several servers share the load: each service begins with one of them, by chance', async () => {
  const servers = [await startFakeServer('{}'), await startFakeServer('{}')];
  const config = configWith({ url: servers.map(({ url }) => url) });
  for (let times = 0; times < 40; times += 1) await ask(config);
  expect(servers.every(({ asked }) => asked.length > 0)).toBe(true);
});

test('a server older than 25.8 is refused with what was found, what is needed and what to do', () => {
  for (const version of ['25.8.1.5101', '25.10.3.7', '26.7.2.1', '25.8.16.10001.altinitystable'])
    expect(parseServerVersion(version), version).toEqual({ status: 'ok' });
  expect(parseServerVersion('25.7.9.1')).toEqual({
    status: 'failed',
    message:
      'the ClickHouse server is 25.7.9.1; Tocsin needs 25.8 or newer. Upgrade the server, or leave clickhouse.url unset to use the embedded ClickHouse',
  });
  expect(parseServerVersion('24.12.1.1').status).toBe('failed');
  expect(parseServerVersion('nonsense')).toMatchObject({
    message: expect.stringContaining('"nonsense", which cannot be read'),
  });
});
