import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { importIn, loadWritten, makeFolder } from './import-run.ts';

const MODULES = `
modules:
  http_2xx:
    prober: http
    timeout: 5s
    http:
      valid_status_codes: [200, 301]
      valid_http_versions: ["HTTP/2.0"]
      method: GET
      headers: { Accept: application/json }
      no_follow_redirects: true
      fail_if_not_ssl: true
      fail_if_body_matches_regexp: ["Could not connect"]
      fail_if_body_not_matches_regexp: ["\${ok}", "ready$"]
      fail_if_header_matches: [{ header: Set-Cookie, regexp: ".*", allow_missing: true }]
      fail_if_header_not_matches: [{ header: Server, regexp: "nginx" }]
      basic_auth: { username: me, password: "p$$" }
      preferred_ip_protocol: ip4
      ip_protocol_fallback: false
      tls_config: { insecure_skip_verify: true, min_version: TLS12, server_name: a.example }
  smtp:
    prober: tcp
    tcp:
      query_response:
        - expect: "^220 ([^ ]+)"
        - send: "EHLO prober"
        - expect: "^250-STARTTLS"
        - send: STARTTLS
        - starttls: true
        - send: QUIT
        - expect: "^221"
  other:
    prober: tcp
    tcp: { query_response: [{ send: HI }, { starttls: true }] }
  ssh:
    prober: tcp
    timeout: 3s
    tcp: { query_response: [{ expect: "^SSH-2.0-" }, { send: "SSH-2.0-check" }] }
  mx:
    prober: dns
    dns:
      query_name: example.org
      query_type: MX
      transport_protocol: tcp
      valid_rcodes: [NOERROR]
      validate_answer_rrs: { fail_if_not_matches_regexp: ["mail"], fail_if_none_matches_regexp: ["x"] }
  health:
    prober: grpc
    grpc: { service: shop, tls: true }
  unused:
    prober: http
`;

const PROMETHEUS = `
global: { scrape_interval: 30s }
scrape_configs:
  - job_name: node
    static_configs: [{ targets: ["host:9100"] }]
  - job_name: web
    metrics_path: /probe
    params: { module: [http_2xx] }
    static_configs:
      - targets: ["https://shop.example", "shop.example:8080/health"]
    relabel_configs: []
  - job_name: mail
    metrics_path: /probe
    scrape_interval: 1m30s
    params: { module: [smtp] }
    static_configs: [{ targets: ["mail.example:25"] }]
  - job_name: odd
    metrics_path: /probe
    params: { module: [other] }
    static_configs: [{ targets: ["mail.example:9925"] }]
  - { job_name: shells, metrics_path: /probe, params: { module: [ssh] }, static_configs: [{ targets: ["h.example:22"] }], consul_sd_configs: [{}] }
  - { job_name: dns, metrics_path: /probe, params: { module: [mx] }, static_configs: [{ targets: ["9.9.9.9"] }] }
  - { job_name: rpc, metrics_path: /probe, params: { module: [health] }, static_configs: [{ targets: ["rpc.example:443"] }] }
  - { job_name: lost, metrics_path: /probe, params: { module: [gone] }, static_configs: [{ targets: ["x"] }] }
`;

test("each target of Prometheus is a monitor with its module's settings; a module without one is a comment", async () => {
  const folder = makeFolder();
  writeFileSync(join(folder, 'blackbox.yml'), MODULES);
  writeFileSync(join(folder, 'prometheus.yml'), PROMETHEUS);
  const { code, yaml, said } = importIn(folder, 'blackbox', 'blackbox.yml', '--targets', 'prometheus.yml');
  expect(code).toBe(0);
  const monitors = await loadWritten(folder, yaml);
  expect([...monitors.keys()]).toEqual([
    'web https://shop.example',
    'web shop.example:8080/health',
    'mail mail.example:25',
    'odd mail.example:9925',
    'shells h.example:22',
    'dns 9.9.9.9',
    'rpc rpc.example:443',
  ]);
  expect(monitors.get('web shop.example:8080/health')).toMatchObject({
    schedule: { intervalMs: 30_000 },
    timeoutMs: 5_000,
    http: {
      url: 'http://shop.example:8080/health',
      headers: { Accept: 'application/json' },
      auth: { type: 'basic', username: 'me', password: 'p$$' },
      redirects: 'stop',
    },
    connection: { ip: '4', tls: { insecure: true, serverName: 'a.example' } },
    expect: [
      { subject: 'status', ranges: [{ from: 200 }, { from: 301 }] },
      { subject: 'header', name: 'set-cookie', tests: [{ operator: 'matches', negated: true }] },
      { subject: 'header', name: 'server', tests: [{ value: 'nginx', negated: false }] },
      { subject: 'body', tests: [{ value: '${ok}' }, { value: 'ready$' }, { value: 'Could not connect', negated: true }] }, // prettier-ignore
      { subject: 'tls_version', min: '1.2' },
    ],
  });
  expect(monitors.get('mail mail.example:25')).toMatchObject({
    schedule: { intervalMs: 90_000 },
    security: 'smtp',
    dialogue: [{ send: 'QUIT\n', expect: '^221' }],
  });
  expect(monitors.get('shells h.example:22')).toMatchObject({
    dialogue: [{ expect: '^SSH-2.0-' }, { send: 'SSH-2.0-check\n' }],
  });
  expect(monitors.get('dns 9.9.9.9')).toMatchObject({
    query: { name: 'example.org', type: 'MX' },
    server: { host: '9.9.9.9' },
    transport: 'tcp',
    expect: {
      answer: [
        { subject: 'rcode', allowed: ['NOERROR'] },
        { subject: 'matches', wanted: 'mail' },
        { subject: 'matches', wanted: '(?:x)' },
      ],
    },
  });
  expect(monitors.get('rpc rpc.example:443')).toMatchObject({ kind: 'grpc', service: 'shop', isSecure: true });
  const untold = [
    'shells: targets of consul_sd_configs',
    'targets of the module gone, which is not in blackbox.yml',
    'web https://shop.example: valid_http_versions: HTTP/2.0',
    'odd mail.example:9925: starttls: say which protocol it is',
    'dns 9.9.9.9: fail_if_not_matches_regexp: there every record has to match, with us one',
    'unused: written as a comment: no target is known',
  ];
  for (const note of untold) expect(said).toContain(`not translated: ${note}`);
});

test('without targets every module is a comment to start from', async () => {
  const folder = makeFolder();
  writeFileSync(join(folder, 'blackbox.yml'), MODULES);
  const { code, yaml, said } = importIn(folder, 'blackbox', 'blackbox.yml');
  expect([code, (await loadWritten(folder, yaml)).size]).toEqual([0, 0]);
  expect(yaml).toContain('# - name: http_2xx');
  expect(said).toContain('0 monitors');
});

test('which version of IP is preferred is told where it cannot be kept', () => {
  const folder = makeFolder();
  const modules = `modules:
  web: { prober: http, http: { preferred_ip_protocol: ip4 } }
  port: { prober: tcp, tcp: { preferred_ip_protocol: ip4, ip_protocol_fallback: false } }
  name: { prober: dns, dns: { query_name: a.example, source_ip_address: 192.0.2.1 } }
`;
  writeFileSync(join(folder, 'blackbox.yml'), modules);
  writeFileSync(join(folder, 'prometheus.yml'), targetsOf('web', 'port', 'name'));
  const { said } = importIn(folder, 'blackbox', 'blackbox.yml', '--targets', 'prometheus.yml');
  expect(said).toContain('preferred_ip_protocol: ip4 (both versions are tried)');
  expect(said).toContain('preferred_ip_protocol: ip4 without a fallback (both versions are tried)');
  expect(said).toContain('source_ip_address');
});

/** A scrape configuration with one target for each module. */
function targetsOf(...modules: readonly string[]): string {
  const jobs = modules.map(
    (name) =>
      `  - { job_name: ${name}, metrics_path: /probe, params: { module: [${name}] }, static_configs: [{ targets: ['192.0.2.7:80'] }] }`,
  );
  return `scrape_configs:\n${jobs.join('\n')}\n`;
}

test('wrong files are refused with what was found', () => {
  const folder = makeFolder();
  writeFileSync(join(folder, 'blackbox.yml'), MODULES);
  writeFileSync(join(folder, 'other.yml'), 'endpoints: []');
  expect(importIn(folder, 'blackbox', 'other.yml')).toMatchObject({ code: 2, said: expect.stringContaining('with `modules`; found endpoints') }); // prettier-ignore
  const targets = importIn(folder, 'blackbox', 'blackbox.yml', '--targets', 'other.yml');
  expect(targets).toMatchObject({ code: 2, said: expect.stringContaining('with `scrape_configs`; found endpoints') });
});

test('modules of the newer releases are monitors as well', async () => {
  const modules = `
modules:
  imap: { prober: tcp, tcp: { query_response: [{ expect: OK }, { send: ". STARTTLS" }, { starttls: true }] } }
  pg: { prober: tcp, tcp: { query_response: [{ send: !!binary AAAACATSFi8= }, { expect_bytes: S }, { starttls: true }] } }
  irc: { prober: tcp, tcp: { query_response: [{ expect: "PING :([^ ]+)", send: "PONG \${1} $$5" }] } }
  ws:
    prober: websocket
    websocket:
      headers: { X-A: b }
      http_config: { basic_auth: { username: me, password: 'p@w' }, authorization: { credentials: tok-1 }, tls_config: { insecure_skip_verify: true } }
      query_response: [{ send: hello }, { expect: "^welcome" }]
  web: { prober: http, http: { http_headers: { Accept-Language: { values: [en, de] }, X-Key: { files: [key] } } } }
  any: { prober: dns, dns: { query_name: example.org, validate_answer_rrs: { fail_if_none_matches_regexp: ["a"] } } }
  socket: { prober: unix, unix: {} }
`;
  const targets = { imap: 'm:9', pg: 'd:9', irc: 'i:6667', ws: 'https://w', web: 'w', any: '192.0.2.53', socket: '/s' };
  const jobs = Object.entries(targets).map(
    ([module, target]) =>
      `- { job_name: j, metrics_path: /probe, params: { module: [${module}] }, static_configs: [{ targets: ["${target}"] }] }`,
  );
  const folder = makeFolder();
  writeFileSync(join(folder, 'blackbox.yml'), modules);
  writeFileSync(join(folder, 'prometheus.yml'), `scrape_configs:\n${jobs.join('\n')}\n`);
  const { code, yaml, said } = importIn(folder, 'blackbox', 'blackbox.yml', '--targets', 'prometheus.yml');
  expect(code).toBe(0);
  const monitors = await loadWritten(folder, yaml);
  expect(monitors.get('j m:9')).toMatchObject({ security: 'imap' });
  expect(monitors.get('j d:9')).toMatchObject({ security: 'postgres' });
  expect(monitors.get('j i:6667')).toMatchObject({
    dialogue: [{ expect: 'PING :([^ ]+)' }, { send: 'PONG {{1}} $5\n' }],
  });
  expect(monitors.get('j https://w')).toMatchObject({
    url: 'wss://me:p%40w@w',
    headers: { 'X-A': 'b', Authorization: 'Bearer tok-1' },
    send: ['hello'],
    expect: { message: [{ subject: 'text', tests: [{ operator: 'matches', value: '^welcome' }] }] },
  });
  expect(monitors.get('j w')).toMatchObject({ http: { headers: { 'Accept-Language': 'en, de' } } });
  expect(monitors.get('j 192.0.2.53')).toMatchObject({
    query: { type: 'A' },
    expect: { answer: [{ subject: 'matches', wanted: '(?:a)' }] },
  });
  const untold = [
    'j w: the header X-Key from files',
    'j 192.0.2.53: the type ANY: A is asked for',
    'j /s: written as a comment: Tocsin does not take it (it has no kind for unix)',
  ];
  for (const note of untold) expect(said).toContain(`not translated: ${note}`);
});

test('a secret that is in a file there is read from it here, and text that looks like one is not', async () => {
  const modules = `
modules:
  web: { prober: http, http: { basic_auth: { username: me, password_file: pass }, headers: { X-Odd: "\${file:pass}" } } }
  token: { prober: http, http: { authorization: { credentials_file: pass } } }
  ws: { prober: websocket, websocket: { http_config: { bearer_token_file: pass } } }
`;
  const folder = makeFolder();
  writeFileSync(join(folder, 'pass'), 's3cret\n');
  writeFileSync(join(folder, 'blackbox.yml'), modules);
  writeFileSync(join(folder, 'prometheus.yml'), targetsOf('web', 'token', 'ws'));
  const { yaml } = importIn(folder, 'blackbox', 'blackbox.yml', '--targets', 'prometheus.yml');
  const monitors = await loadWritten(folder, yaml);
  expect(monitors.get('web 192.0.2.7:80')).toMatchObject({
    http: { auth: { type: 'basic', password: 's3cret' }, headers: { 'X-Odd': '${file:pass}' } },
  });
  expect(monitors.get('token 192.0.2.7:80')).toMatchObject({ http: { auth: { type: 'bearer', token: 's3cret' } } });
  expect(monitors.get('ws 192.0.2.7:80')).toMatchObject({ headers: { Authorization: 'Bearer s3cret' } });
});

test('patterns of DNS that look at the whole line of a record are told of, not taken for patterns of its data', async () => {
  const modules = `
modules:
  name:
    prober: dns
    dns:
      query_name: a.example
      query_type: A
      validate_answer_rrs:
        fail_if_matches_regexp: [".*127.0.0.1"]
        fail_if_not_matches_regexp: ["a.example.\\t300\\tIN\\tA\\t192.0.2.1"]
        fail_if_none_matches_regexp: ["192.0.2.1", "192.0.2.2"]
`;
  const folder = makeFolder();
  writeFileSync(join(folder, 'blackbox.yml'), modules);
  writeFileSync(join(folder, 'prometheus.yml'), targetsOf('name'));
  const { yaml, said } = importIn(folder, 'blackbox', 'blackbox.yml', '--targets', 'prometheus.yml');
  expect((await loadWritten(folder, yaml)).get('name 192.0.2.7:80')).toMatchObject({
    expect: {
      answer: [
        { subject: 'matches', wanted: '(?:192.0.2.1)|(?:192.0.2.2)', negated: false },
        { subject: 'matches', wanted: '.*127.0.0.1', negated: true },
      ],
    },
  });
  expect(said).toContain('fail_if_not_matches_regexp "a.example.\\t300\\tIN\\tA\\t192.0.2.1": with us a pattern looks at the data of a record alone'); // prettier-ignore
});
