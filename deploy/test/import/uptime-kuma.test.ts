import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { expect, test } from 'vitest';
import { importIn, loadWritten, makeFolder } from './import-run.ts';

/** The columns that both versions have, as far as a probe depends on them. */
const COMMON = `id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(150), active BOOLEAN NOT NULL DEFAULT 1, user_id INTEGER, interval INTEGER NOT NULL DEFAULT 20,
  url TEXT, type VARCHAR(20), weight INTEGER DEFAULT 2000, hostname VARCHAR(255), port INTEGER, keyword VARCHAR(255), maxretries INTEGER NOT NULL DEFAULT 0,
  ignore_tls BOOLEAN NOT NULL DEFAULT 0, upside_down BOOLEAN NOT NULL DEFAULT 0, maxredirects INTEGER NOT NULL DEFAULT 10,
  accepted_statuscodes_json TEXT NOT NULL DEFAULT '["200-299"]', dns_resolve_type VARCHAR(5), dns_resolve_server VARCHAR(255), retry_interval INTEGER NOT NULL DEFAULT 0,
  push_token VARCHAR(20), method TEXT NOT NULL DEFAULT 'GET', body TEXT, headers TEXT, basic_auth_user TEXT, basic_auth_pass TEXT, docker_container VARCHAR(255),
  auth_method VARCHAR(250), grpc_url VARCHAR(255), grpc_service_name VARCHAR(255), grpc_method VARCHAR(255), grpc_enable_tls BOOLEAN NOT NULL DEFAULT 0, packet_size INTEGER NOT NULL DEFAULT 56`;
const V1 = COMMON;
/** What releases up to 2.5 added, with their defaults. */
const LATER = `http_body_encoding VARCHAR(25), proxy_id INTEGER, expiry_notification BOOLEAN DEFAULT 1, cache_bust BOOLEAN NOT NULL DEFAULT 0, ip_family VARCHAR(255),
  bearer_token TEXT, ws_subprotocol VARCHAR(255) NOT NULL DEFAULT '', ws_ignore_sec_websocket_accept_header BOOLEAN NOT NULL DEFAULT 0, oauth_audience TEXT,
  save_response BOOLEAN NOT NULL DEFAULT 0, save_error_response BOOLEAN NOT NULL DEFAULT 1, response_max_length INTEGER NOT NULL DEFAULT 1024, location VARCHAR(255),
  ntp_stratum_threshold INTEGER NOT NULL DEFAULT 5, ping_numeric BOOLEAN NOT NULL DEFAULT 1, ping_per_request_timeout INTEGER NOT NULL DEFAULT 2, expected_tls_alert VARCHAR(50),
  domain_expiry_notification BOOLEAN NOT NULL DEFAULT 1, grpc_metadata TEXT, database_connection_string TEXT, tls_ca TEXT`;
const V2 = `${COMMON}, invert_keyword BOOLEAN NOT NULL DEFAULT 0, json_path TEXT, expected_value VARCHAR(255), json_path_operator VARCHAR(255), timeout DOUBLE NOT NULL DEFAULT 0,
  parent INTEGER, conditions TEXT NOT NULL DEFAULT '[]', oauth_client_id TEXT, oauth_client_secret TEXT, oauth_token_url TEXT, oauth_scopes TEXT, oauth_auth_method TEXT,
  kafka_producer_ssl BOOLEAN NOT NULL DEFAULT 0, ping_count INTEGER NOT NULL DEFAULT 1, smtp_security TEXT`;

type Row = Readonly<Record<string, SQLInputValue>>;

function makeDatabase(columns: string, rows: readonly Row[]): { folder: string; path: string } {
  const folder = makeFolder();
  const path = join(folder, 'kuma.db');
  const database = new DatabaseSync(path);
  database.exec(
    `CREATE TABLE monitor (${columns}); CREATE TABLE notification (id INTEGER); INSERT INTO notification VALUES (1), (2)`,
  );
  for (const row of rows) {
    const keys = Object.keys(row);
    const places = keys.map(() => '?').join(', ');
    database.prepare(`INSERT INTO monitor (${keys.join(', ')}) VALUES (${places})`).run(...Object.values(row));
  }
  database.close();
  return { folder, path };
}

test('monitors of Uptime Kuma 2 are monitors that our own schema takes; the database stays as it is', async () => {
  const { folder, path } = makeDatabase(V2, [
    { name: 'Group', type: 'group' },
    { name: 'Shop', type: 'http', url: 'https://shop.example/$$/${x}', interval: 60, timeout: 48, maxretries: 3, retry_interval: 20, parent: 1, headers: '{"X-A": "1"}', ignore_tls: 1, maxredirects: 0, accepted_statuscodes_json: '["200-299","301"]', auth_method: 'basic', basic_auth_user: 'me', basic_auth_pass: 'secret' },
    { name: 'Shop', type: 'keyword', url: 'https://shop.example', keyword: 'sold out', invert_keyword: 1 },
    { name: 'Queue', type: 'json-query', url: 'https://q.example', json_path: 'jobs[0].waiting', json_path_operator: '<', expected_value: '10', method: 'POST', body: '{}', auth_method: 'oauth2-cc', oauth_token_url: 'https://t.example', oauth_client_id: 'i', oauth_client_secret: 's', oauth_scopes: 'a b' },
    { name: 'Sum', type: 'json-query', url: 'https://q.example', json_path: '$sum(jobs.waiting)', json_path_operator: '==', expected_value: '10' },
    { name: 'DB', type: 'port', hostname: 'db.example', port: 5432 },
    { name: 'MX', type: 'dns', hostname: 'example.org', dns_resolve_type: 'MX', dns_resolve_server: '1.1.1.1', port: 53 },
    { name: 'Backup', type: 'push', push_token: 'abcDEF1234', interval: 3600 },
    { name: 'Nightly', type: 'push', push_token: 'abcDEF1234abcDEF1234abcDEF123456', interval: 86400 },
    { name: 'RPC', type: 'grpc-keyword', grpc_url: 'rpc.example:443', grpc_enable_tls: 1, grpc_service_name: 'grpc.health.v1.Health', grpc_method: 'Check', keyword: 'SERVING' },
    { name: 'Mail', type: 'smtp', hostname: 'mail.example', port: 587, smtp_security: 'starttls' },
    { name: 'Box', type: 'docker', docker_container: 'web' },
    { name: 'Redis', type: 'redis' },
    { name: 'Paused', type: 'http', url: 'https://paused.example', active: 0 },
    { name: 'Closed', type: 'port', hostname: 'x.example', port: 23, upside_down: 1 },
  ]); // prettier-ignore
  const before = readFileSync(path);
  const { code, yaml, said } = importIn(folder, 'uptime-kuma', 'kuma.db');
  expect(code).toBe(0);
  expect(readFileSync(path).equals(before)).toBe(true);
  const monitors = await loadWritten(folder, yaml);
  expect([...monitors.keys()]).toEqual([
    'Shop',
    'Shop (2)',
    'Queue',
    'Sum',
    'DB',
    'MX',
    'Backup',
    'Nightly',
    'RPC',
    'Mail',
  ]);
  expect(monitors.get('Shop')).toMatchObject({
    schedule: { intervalMs: 60_000 },
    timeoutMs: 48_000,
    confirm: { failures: 4, retryAfterMs: 20_000 },
    http: {
      url: 'https://shop.example/$$/${x}',
      headers: { 'X-A': '1' },
      redirects: 'stop',
      auth: { type: 'basic', username: 'me', password: 'secret' },
    },
    connection: { tls: { insecure: true } },
    expect: [{ subject: 'status', ranges: [{ from: 200, to: 299 }, { from: 301, to: 301 }] }], // prettier-ignore
  });
  expect(monitors.get('Shop (2)')).toMatchObject({
    schedule: { intervalMs: 20_000 },
    timeoutMs: 16_000,
    expect: [{ subject: 'status' }, { subject: 'body', tests: [{ value: 'sold out', negated: true }] }],
  });
  expect(monitors.get('Queue')).toMatchObject({
    http: { method: 'POST', auth: { type: 'oauth2', clientId: 'i', scopes: ['a', 'b'] } },
    expect: [{}, { subject: 'json', path: '$.jobs[0].waiting', tests: [{ operator: 'less_than', value: 10 }] }],
  });
  expect(monitors.get('DB')).toMatchObject({ kind: 'tcp', tcp: { host: 'db.example', port: 5432 } });
  expect(monitors.get('MX')).toMatchObject({ kind: 'dns', query: { type: 'MX' }, server: { host: '1.1.1.1' } });
  expect(monitors.get('Backup')).toMatchObject({ kind: 'heartbeat', expected: { periodMs: 3_600_000 } });
  expect(monitors.get('Nightly')).toMatchObject({ token: 'abcDEF1234abcDEF1234abcDEF123456' });
  expect(monitors.get('RPC')).toMatchObject({ kind: 'grpc', isSecure: true, endpoint: { port: 443 } });
  expect(monitors.get('Mail')).toMatchObject({ kind: 'tcp', security: 'smtp' });
  const untold = [
    '1 group (Group)',
    '2 notifications',
    'Shop (2): renamed',
    'Sum: the query $sum(jobs.waiting) == 10 (JSONata)',
    'Backup: the token is too short',
    'Box: the container web',
    'Redis: written as a comment: Tocsin does not take it',
    'Paused: written as a comment: it is paused there',
    'Closed: written as a comment: it is upside down there',
  ];
  for (const note of untold) expect(said).toContain(note);
  // Columns of other types, and defaults, are no news.
  expect(said).not.toMatch(/packet_size|accepted_statuscodes|kafka/);
});

test('monitors of Uptime Kuma 1, which has fewer columns, are read as well', async () => {
  const { folder } = makeDatabase(V1, [
    { name: 'Old', type: 'keyword', url: 'http://old.example', keyword: 'hello', interval: 60, maxretries: 1 },
    { name: 'Router', type: 'ping', hostname: '192.0.2.1', interval: 60 },
  ]);
  const { code, yaml } = importIn(folder, 'uptime-kuma', 'kuma.db');
  expect(code).toBe(0);
  const monitors = await loadWritten(folder, yaml);
  expect(monitors.get('Old')).toMatchObject({
    timeoutMs: 48_000,
    confirm: { failures: 2, retryAfterMs: 60_000 },
    expect: [{}, { subject: 'body', tests: [{ value: 'hello', negated: false }] }],
  });
  expect(yaml).toContain('name: Router');
});

test('another file, and another database, are refused with what was found', () => {
  const folder = makeFolder();
  writeFileSync(join(folder, 'text.db'), 'this is not a database, but text that is long enough');
  new DatabaseSync(join(folder, 'other.db')).exec('CREATE TABLE songs (id INTEGER)');
  expect(importIn(folder, 'uptime-kuma', 'text.db')).toMatchObject({ code: 2, said: expect.stringContaining('not a database') }); // prettier-ignore
  expect(importIn(folder, 'uptime-kuma', 'other.db')).toMatchObject({ code: 2, said: expect.stringContaining('found songs') }); // prettier-ignore
  expect(importIn(folder, 'uptime-kuma', 'none.db')).toMatchObject({ code: 2, said: expect.stringContaining('unable to open') }); // prettier-ignore
});

/** As the form of release 2.5 fills in what nobody has touched. */
const FORM: Row = { url: 'https://', interval: 60, retry_interval: 60, dns_resolve_type: 'A', dns_resolve_server: '', basic_auth_user: '', basic_auth_pass: '', bearer_token: '',
  oauth_auth_method: 'client_secret_basic', http_body_encoding: 'json', json_path: '$', json_path_operator: '==', timeout: 48, location: 'world', expiry_notification: 0 }; // prettier-ignore

test('what releases up to 2.5 know is translated or told, and what their form fills in is no news', async () => {
  const { folder, path } = makeDatabase(`${V2}, ${LATER}`, [
    { ...FORM, name: 'Plain', type: 'http', url: 'https://a.example' },
    { ...FORM, name: 'Bearer', type: 'http', url: 'https://a.example', auth_method: 'bearer', bearer_token: 'tok-1', ip_family: 'ipv6', expiry_notification: 1 },
    { ...FORM, name: 'JSON', type: 'http', url: 'https://a.example', method: 'POST', body: '{}', proxy_id: 1 },
    { ...FORM, name: 'XML', type: 'http', url: 'https://a.example', method: 'POST', body: '<a/>', http_body_encoding: 'xml', headers: '{"content-type": "application/soap+xml"}', proxy_id: 2 },
    { ...FORM, name: 'Bust', type: 'http', url: 'https://a.example', cache_bust: 1 },
    { ...FORM, name: 'TLS', type: 'port', hostname: 'mail.example', port: 587, smtp_security: 'starttls', expiry_notification: 1 },
    { ...FORM, name: 'MX', type: 'dns', hostname: 'example.org', dns_resolve_type: 'MX', conditions: '[{"type":"expression","variable":"record","operator":"equals","value":"mx.example.org"}]' },
    { ...FORM, name: 'Two', type: 'dns', hostname: 'example.org', conditions: '[{"operator":"equals"},{"operator":"contains"}]' },
    { ...FORM, name: 'Job', type: 'push', push_token: 'abcDEF1234abcDEF1234abcDEF123456', maxretries: 2, retry_interval: 90 },
    { ...FORM, name: 'WS', type: 'websocket-upgrade', url: 'wss://w.example/x', ws_subprotocol: 'a, b', auth_method: 'basic', basic_auth_user: 'me', basic_auth_pass: 'p:w', headers: '{"X-A":"1"}', accepted_statuscodes_json: '["1000"]', ws_ignore_sec_websocket_accept_header: 1 },
    { ...FORM, name: 'RPC', type: 'grpc-keyword', grpc_url: 'rpc.example:443', grpc_service_name: 'Health', grpc_method: 'check', grpc_metadata: '{"X-Tenant":"a"}' },
    { ...FORM, name: 'Ping', type: 'ping', hostname: '192.0.2.1', ping_count: 3 },
    { ...FORM, name: 'Data', type: 'postgres', database_connection_string: 'postgres://u:s3cretpw@h/d' },
  ]); // prettier-ignore
  const database = new DatabaseSync(path);
  database.exec(
    `CREATE TABLE proxy (id INTEGER, protocol TEXT, host TEXT, port INTEGER, auth BOOLEAN, username TEXT, password TEXT);
     INSERT INTO proxy VALUES (1, 'http', 'proxy.example', 3128, 1, 'me', 'p@ss'), (2, 'socks5', 'socks.example', 1080, 0, NULL, NULL);
     CREATE TABLE setting (key TEXT, value TEXT); INSERT INTO setting VALUES ('tlsExpiryNotifyDays', '[7,30]')`,
  );
  database.close();
  const { code, yaml, said } = importIn(folder, 'uptime-kuma', 'kuma.db');
  expect(code).toBe(0);
  const monitors = await loadWritten(folder, yaml);
  expect(monitors.get('Bearer')).toMatchObject({
    http: { auth: { type: 'bearer', token: 'tok-1' } },
    connection: { ip: '6' },
    expect: [{ subject: 'status' }, { subject: 'certificate_days', min: 30, severity: 'degraded' }],
  });
  expect(monitors.get('JSON')).toMatchObject({
    http: { headers: { 'Content-Type': 'application/json' } },
    connection: { proxy: 'http://me:p%40ss@proxy.example:3128' },
  });
  expect(monitors.get('XML')).toMatchObject({ http: { headers: { 'content-type': 'application/soap+xml' } } });
  expect(monitors.get('TLS')).toMatchObject({ kind: 'tcp', security: 'smtp' });
  expect(monitors.get('MX')).toMatchObject({ expect: { answer: [{ subject: 'matches' }] } });
  expect(monitors.get('Job')).toMatchObject({ graceMs: 180_000 });
  expect(monitors.get('WS')).toMatchObject({
    url: 'wss://me:p%3Aw@w.example/x',
    headers: { 'X-A': '1' },
    subprotocols: ['a', 'b'],
  });
  expect(monitors.get('RPC')).toMatchObject({ metadata: { 'x-tenant': 'a' } });
  expect(
    said
      .split('\n')
      .filter((line) => line !== '')
      .sort(),
  ).toEqual(
    [
      'not translated: 2 notifications: say in `alerting:` who is told and how (docs/configuration.md)',
      'not translated: 5 monitors that tell of the end of their domain: a monitor of kind `domain` does',
      'not translated: XML: the proxy socks5://socks.example:1080',
      'not translated: Bust: cache_bust',
      'not translated: TLS: its certificate: it is judged as TLS here; a monitor of kind `tls` tells days before it ends',
      'not translated: Two: the conditions [{"operator":"equals"},{"operator":"contains"}]',
      'not translated: Job: jobs call another URL: /ping/TOKEN at `checker.heartbeat` (docs/configuration.md)',
      'not translated: WS: ws_ignore_sec_websocket_accept_header',
      'not translated: Data: written as a comment: Tocsin does not take it (it has no kind for postgres)',
      '12 monitors, 9 notes.',
    ].sort(),
  );
  expect(yaml + said).not.toContain('s3cretpw');
});
