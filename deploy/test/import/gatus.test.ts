import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Condition, translateCondition } from '../../src/import/gatus/conditions.ts';
import { importIn, loadWritten, makeFolder } from './import-run.ts';

const CONFIG = `
storage: { type: sqlite, path: /data/gatus.db }
alerting:
  slack: { webhook-url: "https://hooks.example/1" }
default-endpoint: &default
  interval: 30s
  client: { timeout: 4s }
endpoints:
  - <<: *default
    name: shop
    group: core
    url: "https://shop.example/health?key=\${KEY}"
    method: POST
    headers: { Authorization: "Bearer $TOKEN", price: "5 $$" }
    body: '{"ping": 1}'
    conditions:
      - "[STATUS] == any(200, 204)"
      - "[RESPONSE_TIME] < 500"
      - "[BODY].status == UP"
      - "[BODY].queue.user-lag < 20"
      - "len([BODY].items) > 3"
      - "has([BODY].errors) == false"
      - "[CERTIFICATE_EXPIRATION] > 49h"
    alerts:
      - type: slack
        failure-threshold: 5
        success-threshold: 3
        send-on-resolved: true
  - name: shop
    url: https://a.example
    client: { insecure: true, ignore-redirect: true, dns-resolver: "tcp://8.8.8.8:53" }
    conditions: ["[BODY] == pat(*ok (v1.0)*)"]
  - name: database
    url: tcp://db.example:5432
    conditions: ["[CONNECTED] == true", "[RESPONSE_TIME] <= 1500"]
  - name: name server
    url: 8.8.8.8
    dns: { query-name: example.org, query-type: MX }
    conditions: ["[DNS_RCODE] == NOERROR", "[BODY] == pat(*.example.org)"]
  - name: certificate
    url: tls://mail.example:993
    conditions: ["[CERTIFICATE_EXPIRATION] > 240h"]
  - name: paused
    enabled: false
    url: https://paused.example
    conditions: ["[STATUS] < 400"]
  - name: shell
    url: ssh://host.example:22
    ssh: { username: a, password: b }
    conditions: ["[STATUS] == 0"]
external-endpoints:
  - name: backup
    token: a-token-that-is-long-enough
    heartbeat: { interval: 30m }
`;

test('endpoints of Gatus are monitors that our own schema takes, and what is not translated is told twice', async () => {
  const folder = makeFolder();
  writeFileSync(join(folder, 'config.yaml'), CONFIG);
  const { code, yaml, said } = importIn(folder, 'gatus', 'config.yaml');
  expect(code).toBe(0);
  const monitors = await loadWritten(folder, yaml, { KEY: 'k', TOKEN: 't' });
  expect([...monitors.keys()]).toEqual(['core / shop', 'shop', 'database', 'name server', 'certificate', 'backup']);
  expect(monitors.get('core / shop')).toMatchObject({
    kind: 'http',
    schedule: { intervalMs: 30_000 },
    timeoutMs: 4_000,
    confirm: { failures: 5, retryAfterMs: 30_000 },
    recoverSuccesses: 3,
    http: {
      url: 'https://shop.example/health?key=k',
      method: 'POST',
      headers: { Authorization: 'Bearer t', price: '5 $' },
      body: { type: 'text', text: '{"ping": 1}' },
    },
    expect: expect.arrayContaining([
      expect.objectContaining({ subject: 'status', ranges: [{ from: 200, to: 200 }, { from: 204, to: 204 }] }), // prettier-ignore
      expect.objectContaining({ subject: 'latency', maxMs: 500 }),
      expect.objectContaining({ subject: 'json', path: '$.status', tests: [expect.objectContaining({ value: 'UP' })] }),
      expect.objectContaining({ path: "$.queue['user-lag']", tests: [{ operator: 'less_than', value: 20 }] }),
      expect.objectContaining({ path: '$.errors', tests: [{ operator: 'exists', negated: true }] }),
      expect.objectContaining({ subject: 'certificate_days', min: 3 }),
    ]),
  });
  expect(monitors.get('shop')).toMatchObject({
    http: { redirects: 'stop' },
    connection: { tls: { insecure: true } },
    expect: [
      { subject: 'status', ranges: [{ from: 100, to: 599 }] },
      { subject: 'body', tests: [{ operator: 'matches', value: String.raw`(?s)^(?:.*ok \(v1\.0\).*)$` }] },
    ],
  });
  expect(monitors.get('database')).toMatchObject({ kind: 'tcp', tcp: { port: 5432 }, expect: { latency: [{ maxMs: 1_500 }] } }); // prettier-ignore
  expect(monitors.get('name server')).toMatchObject({ kind: 'dns', query: { name: 'example.org', type: 'MX' }, server: { host: '8.8.8.8' } }); // prettier-ignore
  expect(monitors.get('certificate')).toMatchObject({ kind: 'tls', expect: { handshake: [{ subject: 'days', min: 10 }] } }); // prettier-ignore
  expect(monitors.get('backup')).toMatchObject({ kind: 'heartbeat', expected: { periodMs: 1_800_000 } });
  const untold = [
    'core / shop: the condition "len([BODY].items) > 3"',
    'core / shop: alerts (slack)',
    'shop: endpoints[1].client.dns-resolver',
    'paused: written as a comment: it is not enabled there',
    'shell: written as a comment: Tocsin does not take it (it has no kind for ssh)',
    'storage',
    'backup: jobs call another URL',
  ];
  for (const note of untold) expect(said).toContain(`not translated: ${note}`);
  expect(yaml).toContain('# not translated: the condition "len([BODY].items) > 3"');
  expect(yaml).toContain('# - name: paused');
  expect(said).toContain('6 monitors, ');
});

describe('conditions', () => {
  const expected = (given: object): Condition => ({ status: 'expected', expect: given as never });
  test.each([
    ['[STATUS] == 200', { status: '200' }],
    ['[STATUS] < 300', { status: ['100-299'] }],
    ['[STATUS]<=299', { status: ['100-299'] }],
    ['[STATUS] != 500', { status: ['100-499', '501-599'] }],
    ['[BODY].a[0].b == 5', { json: { path: '$.a[0].b', equals: '5' } }],
    ['[BODY].a != any(x, y.z)', { json: { path: '$.a', not_matches: String.raw`(?s)^(?:x|y\.z)$` } }],
    ['[BODY] == ok?', { body_matches: String.raw`(?s)^ok\?$` }],
    ['[BODY].n > -1.5', { json: { path: '$.n', greater_than: -1.5 } }],
  ])('%s', (text, settings) => {
    expect(translateCondition(text, 'http')).toEqual(expected(settings));
  });

  test.each([
    '[IP] == 127.0.0.1',
    '[DOMAIN_EXPIRATION] > 720h',
    '[STATUS] == 99',
    '[BODY].n <= 4',
    '[STATUS]',
    'nonsense',
  ])('%s is told, not guessed', (text) => {
    expect(translateCondition(text, 'http')).toMatchObject({ status: 'unknown' });
  });
});

test.each([
  ['', 'found nothing'],
  ['- a', 'found a list'],
  ['modules: {}', 'found modules'],
  ['a: [', 'config.yaml:1: expected'],
])('a file that is not of Gatus (%j) is refused with what was found', (text, message) => {
  const folder = makeFolder();
  writeFileSync(join(folder, 'config.yaml'), text);
  const { code, yaml, said } = importIn(folder, 'gatus', 'config.yaml');
  expect([code, yaml]).toEqual([2, '']);
  expect(said).toContain(message);
});

test.each([
  [['gatus', 'missing.yaml'], 'found no such file'],
  [['gatus', '.'], 'found a folder'],
  [['nagios', 'x'], 'Unknown tool "nagios".'],
  [['gatus'], 'Usage:'],
  [['gatus', 'x', '--targets', 'y'], '--targets is for blackbox only.'],
  [['gatus', 'x', '--wrong'], "Unknown option '--wrong'"],
])('%j says what is wrong', (args, message) => {
  const { code, said } = importIn(makeFolder(), ...args);
  expect(code).toBe(2);
  expect(said).toContain(message);
});

test('pings, WebSockets and domains are in force, with their own settings', async () => {
  const folder = makeFolder();
  writeFileSync(
    join(folder, 'gatus.yaml'),
    `endpoints:
  - { name: ping, url: "icmp://example.com", client: { timeout: 2s }, conditions: ["[CONNECTED] == true"] }
  - { name: socket, url: "wss://example.com/ws", body: hi, client: { insecure: true }, conditions: ["[BODY] == ok"] }
  - { name: json, url: "ws://example.com/ws", body: hi, conditions: ["[BODY].up == true"] }
  - { name: name, url: "domain://example.com", interval: 5m, conditions: ["[DOMAIN_EXPIRATION] > 720h"] }
`,
  );
  const { code, yaml, said } = importIn(folder, 'gatus', 'gatus.yaml');
  expect(code).toBe(0);
  expect(said.split('\n').filter((line) => line.startsWith('not translated'))).toEqual([
    'not translated: name: the interval 5m: registries are asked once an hour at most',
  ]);
  const monitors = await loadWritten(folder, yaml);
  expect(monitors.get('ping')).toMatchObject({ host: 'example.com', count: 1, timeoutMs: 2_000 });
  expect(monitors.get('socket')).toMatchObject({
    send: ['hi'],
    connection: { tls: { insecure: true } },
    expect: { message: [{ subject: 'text', tests: [{ operator: 'matches' }] }] },
  });
  expect(monitors.get('json')).toMatchObject({ expect: { message: [{ subject: 'json', path: '$.up' }] } });
  expect(monitors.get('name')).toMatchObject({
    schedule: { intervalMs: 3_600_000 },
    expect: { registration: [{ subject: 'status' }, { subject: 'days', min: 30 }] },
  });
});

test('health of gRPC, client certificates and short tokens are translated, and suites alone are told', async () => {
  const folder = makeFolder();
  for (const name of ['c.pem', 'k.pem']) writeFileSync(join(folder, name), '');
  const config = `
endpoints:
  - name: rpc
    url: grpcs://rpc.example:443
    client: { tls: { certificate-file: c.pem, private-key-file: k.pem } }
    conditions: ["[CONNECTED] == true", "[BODY].status == SERVING"]
  - { name: game, url: "udp://g.example:1", conditions: ["[CONNECTED] == true"] }
external-endpoints:
  - { name: job, token: potato, heartbeat: { interval: 30m } }
`;
  writeFileSync(join(folder, 'gatus.yaml'), config);
  const { yaml, said } = importIn(folder, 'gatus', 'gatus.yaml');
  const monitors = await loadWritten(folder, yaml);
  expect(monitors.get('rpc')).toMatchObject({ kind: 'grpc', tls: { certFile: join(folder, 'c.pem') } });
  expect(monitors.get('job')).toMatchObject({ kind: 'heartbeat', expected: { periodMs: 1_800_000 } });
  expect(said.split('\n').filter((line) => line.includes('rpc'))).toEqual([]);
  expect(said).toContain('game: written as a comment: Tocsin does not take it (it has no kind for udp)');
  expect(said).toContain('job: the token is too short');
  writeFileSync(join(folder, 'suites.yaml'), 'suites: [{ name: a, endpoints: [] }]');
  expect(importIn(folder, 'gatus', 'suites.yaml')).toMatchObject({ code: 0 });
});
