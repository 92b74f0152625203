import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig, type TocsinConfig } from '../src/config/index.ts';
import { report } from './report.ts';

const receiver = (lines: string, more = ''): string =>
  `alerting:\n${more}  receivers:\n    - name: team\n      ${lines}`;
const at = (path: string): string => `alerting.receivers[0].${path}`;

async function load(files: Readonly<Record<string, string>>): Promise<TocsinConfig> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-channels-'));
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    return await loadConfig({ file: 'tocsin.yaml', env: {}, workingDir: folder });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** One sample for each way to be wrong: what is written, and the line of the report it must draw. */
const WRONG: readonly (readonly [way: string, yaml: string, line: string])[] = [
  [
    'a kind that Tocsin does not have',
    receiver('sns_configs: [{ topic_arn: x }]'),
    `tocsin.yaml:4: ${at('sns_configs')}: expected no sns_configs: Tocsin has none; webhook_configs reaches it through a small service or a gateway of yours, found a list`,
  ],
  [
    'a setting of a kind that is not supported',
    receiver('pagerduty_configs: [{ routing_key: abcd, service_key: abcd }]'),
    `tocsin.yaml:4: ${at('pagerduty_configs[0].service_key')}: expected no service_key (Events API v1: write routing_key, of an integration of Events API v2), found unknown key "service_key"`,
  ],
  [
    'oauth2, which is not supported',
    receiver('webhook_configs: [{ url: "http://a/", http_config: { oauth2: { client_id: x } } }]'),
    `tocsin.yaml:4: ${at('webhook_configs[0].http_config.oauth2')}: expected no oauth2 (write authorization with a token, in a file that is renewed: credentials_file), found unknown key "oauth2"`,
  ],
  [
    'two logins',
    receiver('webhook_configs: [{ url: "http://a/", http_config: { bearer_token: x, basic_auth: { username: a } } }]'),
    `tocsin.yaml:4: ${at('webhook_configs[0].http_config.bearer_token')}: expected only one of basic_auth, bearer_token, found (hidden)`,
  ],
  [
    'a certificate without its key',
    receiver('webhook_configs: [{ url: "http://a/", http_config: { tls_config: { cert: x } } }]'),
    `tocsin.yaml:4: ${at('webhook_configs[0].http_config.tls_config.cert')}: expected key beside cert, found "x"`,
  ],
  [
    'a command that is not allowed',
    receiver('exec_configs: [{ command: [/bin/true] }]'),
    `tocsin.yaml:4: ${at('exec_configs')}: expected alerting.allow_exec: true beside exec_configs, for they run programs, found a list`,
  ],
  [
    'charts by address that nobody reaches',
    'alerting:\n  chart_urls: true\n',
    'tocsin.yaml:2: alerting.chart_urls: expected false, or alerting.url beside it: the address at which the world reaches alerting, found true',
  ],
  [
    'a bot without a channel',
    receiver('slack_configs: [{ app_token: xoxb-1 }]'),
    `tocsin.yaml:4: ${at('slack_configs[0]')}: expected channel beside app_token, found a mapping`,
  ],
  [
    'a bot token that nobody gives',
    receiver('telegram_configs: [{ chat_id: 1 }]'),
    `tocsin.yaml:4: ${at('telegram_configs[0]')}: expected bot_token here or global.telegram_bot_token, found a mapping`,
  ],
  [
    'a key in two places',
    receiver('telegram_configs: [{ chat_id: 1, bot_token: a, bot_token_file: b }]'),
    `tocsin.yaml:4: ${at('telegram_configs[0].bot_token_file')}: expected either bot_token or bot_token_file, not both, found both`,
  ],
  [
    'a file that is not there',
    receiver('pagerduty_configs: [{ routing_key_file: nowhere }]'),
    `tocsin.yaml:4: ${at('pagerduty_configs[0].routing_key_file')}: expected a file that can be read, found no such file`,
  ],
  [
    'a fallback that is nobody',
    receiver('webhook_configs: [{ url: "http://a/" }]', '  fallback: { receiver: boss }\n'),
    `tocsin.yaml:2: alerting.fallback.receiver: expected a receiver's name (team), found "boss"`,
  ],
  [
    'a telephone number without its country',
    receiver('twilio_configs: [{ account_sid: AC12345678, auth_token: x, from: "+4930123456", to: "030 123" }]'),
    `tocsin.yaml:4: ${at('twilio_configs[0].to')}: expected a telephone number as +4930123456, found "030 123"`,
  ],
  [
    'a call from a messaging service',
    receiver(
      'twilio_configs: [{ account_sid: AC12345678, auth_token: x, from: MG12345678, to: "+4930123456", mode: call }]',
    ),
    `tocsin.yaml:4: ${at('twilio_configs[0].from')}: expected a telephone number for calls, found "MG12345678"`,
  ],
  [
    'a webhook whose address is none does not show it',
    receiver('webhook_configs: [{ url: "hush://very-secret" }]'),
    `tocsin.yaml:4: ${at('webhook_configs[0].url')}: expected an http:// or https:// URL, found (hidden)`,
  ],
];

/** Templates that cannot be filled in whatever the alerts are, or that nobody would fill in. */
const WRONG_TEMPLATES: typeof WRONG = [
  [
    'a function that there is not',
    receiver('slack_configs: [{ api_url: "http://a/", title: "{{ nope . }}" }]'),
    `tocsin.yaml:4: ${at('slack_configs[0].title')}: expected a template that can be filled in (function "nope" not defined), found "{{ nope . }}"`,
  ],
  [
    'a template that nobody defines',
    receiver(
      `email_configs: [{ to: a@b, from: a@b, smarthost: "a:25", headers: { X-Team: '{{ template "own" . }}' } }]`,
    ),
    `tocsin.yaml:4: ${at('email_configs[0].headers.X-Team')}: expected a template that can be filled in (template "own" not defined), found`,
  ],
  [
    'one that is not whole, in a list',
    receiver('slack_configs: [{ api_url: "http://a/", fields: [{ title: a, value: "{{ if .Status }}" }] }]'),
    `tocsin.yaml:4: ${at('slack_configs[0].fields[0].value')}: expected a template that can be filled in ({{if}} without {{end}}), found`,
  ],
  [
    'one where none is filled in',
    receiver('webhook_configs: [{ url: "http://a/{{ .CommonLabels.team }}" }]'),
    `tocsin.yaml:4: ${at('webhook_configs[0].url')}: expected no template (it is not filled in here), found (hidden)`,
  ],
];

describe('templates of messages', () => {
  it.each(WRONG_TEMPLATES)('refuses %s', async (_way, yaml, line) => {
    expect((await report(yaml)).filter((entry) => entry.startsWith(line))).toHaveLength(1);
  });

  it('may use what files define, and the names of the default ones', async () => {
    const title = `{{ template "own" . }} {{ template "slack.default.title" . }}{{ range .Alerts }}{{ (.StartsAt.Add 3600e9).Format "15:04" }}{{ end }}`;
    const yaml = receiver(
      `slack_configs: [{ api_url: "http://a/", channel: '#{{ .CommonLabels.team }}', title: '${title}' }]`,
      '  templates: [own.tmpl]\n',
    );
    expect(
      await report({ 'tocsin.yaml': yaml, 'own.tmpl': '{{ define "own" }}{{ template "__subject" . }}{{ end }}' }),
    ).toEqual([]);
    const bad = '{{ define "own" }}{{ template "other" . }}{{ end }}';
    expect(await report({ 'tocsin.yaml': yaml, 'own.tmpl': bad })).toContain(
      'own.tmpl:1: expected a file of templates, found template "other" not defined',
    );
  });
});

describe('channels', () => {
  it.each(WRONG)('refuses %s', async (_way, yaml, line) => {
    expect(await report(yaml)).toContain(line);
  });

  it('reads secrets from files, of receivers and of global, and never shows them', async () => {
    const { alerting } = await load({
      'tocsin.yaml': [
        'alerting:',
        '  global: { slack_api_url_file: hook, telegram_bot_token_file: token }',
        '  receivers:',
        '    - name: team',
        '      slack_configs: [{ channel: "#a" }]',
        '      telegram_configs: [{ chat_id_file: chat }]',
        '      webhook_configs: [{ url_file: hook, http_config: { basic_auth: { username: a, password_file: token } } }]',
      ].join('\n'),
      hook: 'http://hooks.example/secret\n',
      token: '1:abcd\n',
      chat: '-100\n',
    });
    const [team] = alerting.receivers;
    expect(team?.slackConfigs[0]?.apiUrl).toBe('http://hooks.example/secret');
    expect(team?.telegramConfigs[0]).toMatchObject({ botToken: '1:abcd', chatId: '-100' });
    expect(team?.webhookConfigs[0]?.url).toBe('http://hooks.example/secret');
    expect(team?.webhookConfigs[0]?.http.authorization).toBe(`Basic ${Buffer.from('a:1:abcd').toString('base64')}`);
    const bad = { 'tocsin.yaml': receiver('webhook_configs: [{ url_file: hook }]'), hook: 'very-secret' };
    expect((await report(bad)).join('\n')).toMatch(/webhook_configs\[0\].url/);
    expect((await report(bad)).join('\n')).not.toContain('very-secret');
  });

  it('watches the files for a reload', async () => {
    const config = await load({ 'tocsin.yaml': receiver('webhook_configs: [{ url_file: hook }]'), hook: 'http://a/' });
    expect(config.watched.patterns.map((pattern) => pattern.split('/').at(-1))).toContain('hook');
  });

  it("takes a channel's own http_config in place of all of global's", async () => {
    const { alerting } = await load({
      'tocsin.yaml': receiver(
        'webhook_configs: [{ url: "http://a/" }, { url: "http://b/", http_config: { follow_redirects: true } }]',
        '  global: { http_config: { proxy_url: "http://proxy:3128" } }\n',
      ),
    });
    const [first, second] = alerting.receivers[0]?.webhookConfigs ?? [];
    expect(first?.http).toMatchObject({ proxyUrl: 'http://proxy:3128', followRedirects: false });
    expect(second?.http).toMatchObject({ proxyUrl: undefined, followRedirects: true });
  });

  it('takes the receivers of an alertmanager.yml as they are', async () => {
    const { alerting } = await load({
      'tocsin.yaml': `alerting:
  global:
    resolve_timeout: 5m
    smtp_smarthost: 'localhost:25'
    smtp_from: 'alertmanager@example.org'
    slack_api_url: 'https://hooks.slack.example/services/a/b/c'
    opsgenie_api_key: abcd
    http_config: { follow_redirects: true, enable_http2: true }
  receivers:
    - name: slack
      slack_configs:
        - channel: '#alerts'
          send_resolved: true
          icon_url: https://avatars.example/u/3380462
          title: '{{ template "slack.default.title" . }}'
          text: >-
            {{ range .Alerts -}} *Alert:* {{ .Annotations.title }} {{ end }}
          actions: [{ type: button, text: Runbook, url: '{{ (index .Alerts 0).Annotations.runbook }}' }]
    - name: pager
      pagerduty_configs:
        - routing_key: abcd
          severity: '{{ .CommonLabels.severity }}'
          details: { firing: '{{ template "pagerduty.default.instances" .Alerts.Firing }}' }
    - name: ops
      opsgenie_configs: [{ responders: [{ name: ops, type: team }], priority: P2, update_alerts: true }]
    - name: hook
      webhook_configs: [{ url: 'http://127.0.0.1:5001/', max_alerts: 10, timeout: 5s, send_resolved: false }]
    - name: others
      pushover_configs: [{ user_key: abcd, token: efgh, priority: '2', retry: 1m, expire: 1h, ttl: 1h }]
      telegram_configs: [{ bot_token: '1:a', chat_id: -1, parse_mode: 'HTML' }]
      discord_configs: [{ webhook_url: 'https://discord.example/api/webhooks/1/a' }]
      msteams_configs: [{ webhook_url: 'https://teams.example/webhook', summary: x }]
      msteamsv2_configs: [{ webhook_url: 'https://teams.example/workflow' }]
      email_configs: [{ to: 'a@example.org', html: '{{ template "email.default.html" . }}', tls_config: { insecure_skip_verify: true } }]
`,
    });
    expect(alerting.receivers.map(({ name }) => name)).toEqual(['slack', 'pager', 'ops', 'hook', 'others']);
    expect(alerting.receivers[3]?.webhookConfigs[0]).toMatchObject({
      maxAlerts: 10,
      timeoutMs: 5_000,
      sendResolved: false,
    });
  });
});
