import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../src/config/index.ts';
import { report } from './report.ts';

const monitor = (lines: string): string => `monitors:\n  - name: shop\n    http: http://localhost/\n${lines}`;
const receivers = (lines: string): string => `alerting:\n  receivers:\n    - name: team\n${lines}`;

/** One sample for each way to be wrong: what is written, and the line of the report it must draw. */
const WRONG: readonly (readonly [way: string, yaml: string, line: string])[] = [
  [
    'an unknown key at the top',
    'monitor: []',
    'tocsin.yaml:1: monitor: expected a known key, found unknown key "monitor" (did you mean "monitors"?)',
  ],
  [
    'an unknown key inside',
    monitor('    intervall: 10s'),
    'tocsin.yaml:4: monitors[0].intervall (shop): expected a known key, found unknown key "intervall" (did you mean "interval"?)',
  ],
  ['a list where a mapping belongs', 'collector: []', 'tocsin.yaml:1: collector: expected a mapping, found a list'],
  ['text where a list belongs', 'monitors: shop', 'tocsin.yaml:1: monitors: expected a list, found "shop"'],
  [
    'a bad address',
    'collector:\n  http: "localhost"',
    'tocsin.yaml:2: collector.http: expected a port (0-65535) or host:port, found "localhost"',
  ],
  [
    'a password that is not hashed',
    'console:\n  users: [{ name: ana, role: viewer, password_hash: secret }]',
    'tocsin.yaml:2: console.users[0].password_hash: expected a scrypt hash as npx tocsin password prints it ($scrypt$ln=…,r=…,p=…$…$…), found (hidden)',
  ],
  [
    'a port that cannot be',
    'console:\n  http: 70000',
    'tocsin.yaml:2: console.http: expected a port (0-65535) or host:port, found 70000',
  ],
  [
    'a bad duration',
    monitor('    interval: 10 seconds'),
    'tocsin.yaml:4: monitors[0].interval (shop): expected a duration above zero such as 10s or 5m, found "10 seconds"',
  ],
  [
    'a duration of nothing',
    monitor('    timeout: 0s'),
    'tocsin.yaml:4: monitors[0].timeout (shop): expected a duration above zero such as 10s or 5m, found "0s"',
  ],
  [
    'a bad size',
    'collector:\n  max_request_size: 64MB',
    'tocsin.yaml:2: collector.max_request_size: expected a size such as 64MiB or 2GiB, found "64MB"',
  ],
  [
    'a number too small',
    'collector:\n  journal: { load_lanes: 0 }',
    'tocsin.yaml:2: collector.journal.load_lanes: expected at least 1, found 0',
  ],
  [
    'a number too big',
    'checker:\n  max_concurrency: 100000',
    'tocsin.yaml:2: checker.max_concurrency: expected at most 10000, found 100000',
  ],
  [
    'a fraction where a whole number belongs',
    'checker:\n  max_concurrency: 1.5',
    'tocsin.yaml:2: checker.max_concurrency: expected a whole number, found 1.5',
  ],
  [
    'a URL that is none',
    'clickhouse:\n  url: clickhouse:8123',
    'tocsin.yaml:2: clickhouse.url: expected an http:// or https:// URL, found "clickhouse:8123"',
  ],
  [
    'a URL in a list that is none',
    'clickhouse:\n  url:\n    - http://a:8123\n    - b:8123',
    'tocsin.yaml:4: clickhouse.url[1]: expected an http:// or https:// URL, found "b:8123"',
  ],
  [
    'a list of no URLs',
    'clickhouse:\n  url: []',
    'tocsin.yaml:2: clickhouse.url: expected an http:// or https:// URL, or a list of them, found a list',
  ],
  [
    'a server twice',
    'clickhouse:\n  url: [http://a:8123, http://a:8123]',
    'tocsin.yaml:2: clickhouse.url[1]: expected each URL once, found "http://a:8123"',
  ],
  [
    'a database in the URL',
    'clickhouse:\n  url: http://a:8123/otel',
    'tocsin.yaml:2: clickhouse.url: expected a URL without a path or a query (clickhouse.database names the database), found "http://a:8123/otel"',
  ],
  [
    'a password twice',
    'clickhouse:\n  password: a\n  password_file: b',
    'tocsin.yaml:3: clickhouse.password_file: expected either password or password_file, not both, found (hidden)',
  ],
  [
    'a password in a file that does not exist',
    'clickhouse:\n  password_file: nowhere',
    'tocsin.yaml:2: clickhouse.password_file: expected a file that can be read, found no file (ENOENT)',
  ],
  [
    'a certificate that is none',
    'clickhouse:\n  url: https://a:8443\n  tls:\n    ca_file: tocsin.yaml',
    'tocsin.yaml:4: clickhouse.tls.ca_file: expected a certificate in PEM, found something else in the file',
  ],
  [
    'a certificate without its key',
    'clickhouse:\n  url: https://a:8443\n  tls: { cert_file: a.pem }',
    'tocsin.yaml:3: clickhouse.tls.cert_file: expected key_file beside cert_file, found "a.pem"',
  ],
  [
    'a key without its certificate',
    'clickhouse:\n  url: https://a:8443\n  tls: { key_file: a.pem }',
    'tocsin.yaml:3: clickhouse.tls.key_file: expected cert_file beside key_file, found "a.pem"',
  ],
  [
    'TLS for a server without it',
    'clickhouse:\n  url: http://a:8123\n  tls: { insecure_skip_verify: true }',
    'tocsin.yaml:3: clickhouse.tls: expected tls only beside an https:// url, found a mapping',
  ],
  [
    'a cluster of the embedded ClickHouse',
    'clickhouse:\n  cluster: main',
    'tocsin.yaml:2: clickhouse.cluster: expected a cluster only beside url, found "main"',
  ],
  [
    'a cluster name with a quote in it',
    'clickhouse:\n  url: http://a:8123\n  cluster: "ma\'in"',
    'tocsin.yaml:3: clickhouse.cluster: expected a cluster name: letters, digits and _ . -, found "ma\'in"',
  ],
  [
    'a high-water mark below the low one',
    'clickhouse:\n  disk: { low_water: 2GiB, high_water: 1GiB }',
    'tocsin.yaml:2: clickhouse.disk.high_water: expected at least disk.low_water (1GiB by default), found "1GiB"',
  ],
  [
    'a database name with a quote in it',
    "clickhouse:\n  database: o'tel",
    'tocsin.yaml:2: clickhouse.database: expected a database name: letters, digits and _, found "o\'tel"',
  ],
  [
    'a switch that is neither',
    'shipped_rules: maybe',
    'tocsin.yaml:1: shipped_rules: expected true or false, found "maybe"',
  ],
  [
    'a method that HTTP does not have',
    monitor('    method: FETCH'),
    'tocsin.yaml:4: monitors[0].method (shop): expected one of "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", found "FETCH"',
  ],
  [
    'a bad cron expression',
    monitor('    cron: "every day"'),
    'tocsin.yaml:4: monitors[0].cron (shop): expected a cron expression that comes true, such as "*/5 * * * *", found "every day"',
  ],
  [
    'a time zone that does not exist',
    monitor('    cron: "* * * * *"\n    timezone: Europe/Atlantis'),
    'tocsin.yaml:5: monitors[0].timezone (shop): expected an IANA time zone such as Europe/Berlin, found "Europe/Atlantis"',
  ],
  [
    'interval and cron at once',
    monitor('    interval: 10s\n    cron: "* * * * *"'),
    'tocsin.yaml:5: monitors[0].cron (shop): expected either interval or cron, not both, found "* * * * *"',
  ],
  [
    'a time zone without cron',
    monitor('    timezone: Europe/Berlin'),
    'tocsin.yaml:4: monitors[0].timezone (shop): expected a timezone only beside cron, found "Europe/Berlin"',
  ],
  [
    'an interval below a second',
    monitor('    interval: 100ms'),
    'tocsin.yaml:4: monitors[0].interval (shop): expected an interval of at least 1s, found "100ms"',
  ],
  [
    'a status code that HTTP does not have',
    monitor('    expect: { status: 99 }'),
    'tocsin.yaml:4: monitors[0].expect.status (shop): expected a status: a code such as 200, a class such as 2xx or a range such as 200-204, or a list, found 99',
  ],
  [
    'a switch that is neither on nor off',
    'checker:\n  deny_private_addresses: yes',
    'tocsin.yaml:2: checker.deny_private_addresses: expected true or false, found "yes"',
  ],
  [
    'a monitor without a target',
    'monitors:\n  - name: shop',
    'tocsin.yaml:2: monitors[0] (shop): expected a target: one of the keys http, flow, tcp, tls, dns, heartbeat, grpc, websocket, icmp, domain, found a mapping',
  ],
  [
    'a monitor with two targets',
    monitor('    tcp: localhost:25'),
    'tocsin.yaml:4: monitors[0].tcp (shop): expected one target a monitor (it has http as well), found "localhost:25"',
  ],
  [
    'a misspelled target',
    'monitors:\n  - { name: shop, htp: "http://x/" }',
    'tocsin.yaml:2: monitors[0] (shop): expected a target: one of the keys http, flow, tcp, tls, dns, heartbeat, grpc, websocket, icmp, domain ("htp" may be meant as "http"), found a mapping',
  ],
  [
    'two letters swapped',
    'cosnole: {}',
    'tocsin.yaml:1: cosnole: expected a known key, found unknown key "cosnole" (did you mean "console"?)',
  ],
  [
    'a monitor that says its kind in words',
    monitor('    kind: http'),
    'tocsin.yaml:4: monitors[0].kind (shop): expected a known key, found unknown key "kind"',
  ],
  [
    'a name used twice',
    'monitors:\n  - { name: a, http: "http://x/" }\n  - { name: a, http: "http://y/" }',
    'tocsin.yaml:3: monitors[1].name (a): expected a name of its own (monitors[0] has this one), found "a"',
  ],
  [
    'a route to nobody',
    'alerting:\n  route: { receiver: ops }',
    'tocsin.yaml:2: alerting.route.receiver: expected a receiver\'s name (none is defined), found "ops"',
  ],
  [
    'a top route without a receiver',
    'alerting:\n  route: { group_wait: 1s }',
    'tocsin.yaml:2: alerting.route: expected receiver on the top route, found a mapping',
  ],
  [
    'matchers on the top route',
    `${receivers('')}  route: { receiver: team, matchers: [a=b] }`,
    'tocsin.yaml:4: alerting.route.matchers: expected no matchers on the top route (it takes what no other takes, at all times), found a list',
  ],
  [
    'a matcher that is none',
    `${receivers('')}  route:\n    receiver: team\n    routes: [{ matchers: ["severity"] }]`,
    'tocsin.yaml:6: alerting.route.routes[0].matchers[0]: expected a matcher such as severity="page" or service=~"web-.*", found "severity"',
  ],
  [
    'a matcher whose expression does not compile',
    `${receivers('')}  route:\n    receiver: team\n    routes: [{ matchers: ['a=~"("'] }]`,
    'tocsin.yaml:6: alerting.route.routes[0].matchers[0]: expected a regular expression in RE2\'s syntax (missing closing ): `(`), found "a=~\\"(\\""',
  ],
  [
    'a receiver name used twice',
    'alerting:\n  receivers:\n    - name: team\n    - name: team',
    'tocsin.yaml:4: alerting.receivers[1].name: expected a receiver name used once, found "team"',
  ],
  [
    'an e-mail without a server',
    receivers('      email_configs: [{ to: a@example.com, from: b@example.com }]'),
    'tocsin.yaml:4: alerting.receivers[0].email_configs[0]: expected smarthost here or global.smtp_smarthost, found a mapping',
  ],
  [
    'a smarthost without a port',
    'alerting:\n  global: { smtp_smarthost: mail.example.com }',
    'tocsin.yaml:2: alerting.global.smtp_smarthost: expected host:port, found "mail.example.com"',
  ],
  [
    'a Slack channel without a webhook',
    receivers("      slack_configs: [{ channel: '#ops' }]"),
    'tocsin.yaml:4: alerting.receivers[0].slack_configs[0]: expected api_url here or global.slack_api_url, found a mapping',
  ],
  [
    'an environment variable that is not set',
    monitor('    headers: { authorization: "Bearer ${TOKEN}" }'),
    'tocsin.yaml:4: monitors[0].headers.authorization (shop): expected the environment variable TOKEN to be set (or a default: ${TOKEN:-…}), found it is not set',
  ],
  [
    'a cron expression that never comes true',
    monitor('    cron: "0 0 30 2 *"'),
    'tocsin.yaml:4: monitors[0].cron (shop): expected a cron expression that comes true, such as "*/5 * * * *", found "0 0 30 2 *"',
  ],
  [
    'a rule file that does not exist',
    'rule_files: [rules/web.yaml]',
    'tocsin.yaml:1: rule_files[0]: expected a file that exists, found "rules/web.yaml"',
  ],
];

describe('the report of a bad configuration', () => {
  for (const [way, yaml, line] of WRONG) {
    it(`names ${way}: file, line, path, what was expected and what was found`, async () => {
      expect(await report({ 'tocsin.yaml': yaml })).toEqual([line]);
    });
  }

  it('says where the YAML itself is broken', async () => {
    const lines = await report({ 'tocsin.yaml': 'monitors:\n  - name: "shop\n' });
    expect(lines[0]).toMatch(/^tocsin\.yaml:\d+: expected valid YAML, found /);
  });

  it('names a key that is written twice', async () => {
    expect((await report({ 'tocsin.yaml': 'console: {}\nconsole: {}' })).join()).toBe(
      'tocsin.yaml:2: console: expected each key once, found "console" a second time',
    );
  });

  it('names every problem of every file at once', async () => {
    const lines = await report({
      'tocsin.yaml': 'rule_files: ["rules/*.yaml"]\nconsol: {}\ncollector: { http: no }\nmonitors: [{ name: a }]',
      'rules/a.yaml': 'groups:\n  - name: web\n    rules:\n      - alert: A\n        expr: up == 0\n',
      'rules/b.yaml': 'groups:\n  - name: g\n  - name: g\n',
    });
    expect(lines.map((line) => line.split(': expected')[0])).toEqual([
      'tocsin.yaml:2: consol',
      'tocsin.yaml:3: collector.http',
      'tocsin.yaml:4: monitors[0] (a)',
      'rules/a.yaml:4: groups[0].rules[0].sql',
      'rules/a.yaml:5: groups[0].rules[0].expr',
      'rules/b.yaml:3: groups[1].name',
    ]);
  });

  it('does not hide other problems behind a variable that is not set', async () => {
    const lines = await report({ 'tocsin.yaml': 'collector: { http: "${PORT}" }\nconsole: { http: no }\n' });
    expect(lines).toEqual([
      'tocsin.yaml:1: collector.http: expected the environment variable PORT to be set (or a default: ${PORT:-…}), found it is not set',
      'tocsin.yaml:2: console.http: expected a port (0-65535) or host:port, found "no"',
    ]);
  });

  it('does not hide what is wrong between settings behind a setting that is wrong by itself', async () => {
    const lines = await report({
      'tocsin.yaml': [
        'alerting:',
        '  route: { receiver: nobody }',
        '  receivers: [{ name: t, slack_configs: [{ send_resolved: perhaps }] }]',
        'monitors:',
        '  - { name: a, http: "http://x/", method: FETCH, interval: 10s, cron: "* * * * *" }',
        '  - { name: a, http: "http://x/" }',
      ].join('\n'),
    });
    expect(lines.map((line) => line.split(': expected')[0])).toEqual([
      'tocsin.yaml:2: alerting.route.receiver',
      'tocsin.yaml:3: alerting.receivers[0].slack_configs[0].send_resolved',
      'tocsin.yaml:3: alerting.receivers[0].slack_configs[0]',
      'tocsin.yaml:5: monitors[0].method (a)',
      'tocsin.yaml:5: monitors[0].cron (a)',
      'tocsin.yaml:6: monitors[1].name (a)',
    ]);
  });

  it.each([
    'monitors: [1, null, [a]]',
    'alerting: { receivers: x, route: [1] }',
    'alerting: { receivers: [1, { name: [] , email_configs: 3 }], route: { routes: [2, { routes: {} }] } }',
    'alerting: [1]',
    '- a',
    'just text',
    'rule_files: [[1]]',
  ])('has a report for a file of another shape: %s', async (yaml) => {
    expect((await report({ 'tocsin.yaml': yaml })).length).toBeGreaterThan(0);
  });

  it('says which file cannot be read', async () => {
    await expect(loadConfig({ file: 'missing.yaml', env: {}, workingDir: tmpdir() })).rejects.toThrow(
      'missing.yaml:1: expected a file that can be read, found no file (ENOENT)',
    );
  });

  it('never shows a secret, neither as written nor as filled in', async () => {
    const lines = await report(
      {
        'tocsin.yaml': [
          'alerting:',
          '  global: { slack_api_url: "s3cret-a" }',
          '  receivers:',
          '    - name: team',
          '      slack_configs: [{ api_url: "${HOOK}" }]',
          'clickhouse: { password: [s3cret-c] }',
        ].join('\n'),
      },
      { HOOK: 's3cret-b' },
    );
    expect(lines.length).toBe(3);
    expect(lines.join('\n')).not.toContain('s3cret');
  });
});
