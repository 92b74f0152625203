import { expect, test } from 'vitest';
import { report } from './report.ts';

const channel = (kind: string, needed: string) => (key: string) =>
  `route: { receiver: a }\nreceivers: [{ name: a, ${kind}: [{ ${needed}${key} }] }]`;
const http = (inner: (key: string) => string) => (key: string) =>
  channel('webhook_configs', '')(`url: "http://a/", http_config: ${inner(key)}`);
const WHOLE = 'route: { receiver: a }\nreceivers: [{ name: a }]';

/** Every key that Alertmanager 0.34 reads, by where it stands. Source: its documentation, "Configuration", and the types behind it. */
const PLACES: readonly (readonly [place: string, write: (key: string) => string, keys: string])[] = [
  [
    'the top',
    (key) => `${WHOLE}\n${key}`,
    'global inhibit_rules templates mute_time_intervals time_intervals tracing event_recorder',
  ],
  [
    'global',
    (key) => `${WHOLE}\nglobal: { ${key} }`,
    'resolve_timeout http_config jira_api_url smtp_from smtp_hello smtp_smarthost smtp_auth_username smtp_auth_password smtp_auth_password_file smtp_auth_secret smtp_auth_secret_file smtp_auth_identity smtp_require_tls smtp_tls_config smtp_force_implicit_tls slack_api_url slack_api_url_file slack_app_token slack_app_token_file slack_app_url pagerduty_url opsgenie_api_url opsgenie_api_key opsgenie_api_key_file wechat_api_url wechat_api_secret wechat_api_secret_file wechat_api_corp_id victorops_api_url victorops_api_key victorops_api_key_file telegram_api_url telegram_bot_token telegram_bot_token_file webex_api_url rocketchat_api_url rocketchat_token rocketchat_token_file rocketchat_token_id rocketchat_token_id_file mattermost_webhook_url mattermost_webhook_url_file',
  ],
  [
    'route',
    (key) => `route: { receiver: a, ${key} }\nreceivers: [{ name: a }]`,
    'group_by match match_re matchers mute_time_intervals active_time_intervals continue routes group_wait group_interval repeat_interval labels',
  ],
  [
    'a route below',
    (key) => `route: { receiver: a, routes: [{ ${key} }] }\nreceivers: [{ name: a }]`,
    'receiver group_by match match_re matchers mute_time_intervals active_time_intervals continue routes group_wait group_interval repeat_interval labels',
  ],
  [
    'a receiver',
    (key) => `route: { receiver: a }\nreceivers: [{ name: a, ${key} }]`,
    'labels discord_configs email_configs incidentio_configs pagerduty_configs slack_configs webhook_configs opsgenie_configs wechat_configs pushover_configs victorops_configs sns_configs telegram_configs webex_configs msteams_configs msteamsv2_configs jira_configs rocketchat_configs mattermost_configs',
  ],
  [
    'inhibit_rules',
    (key) => `${WHOLE}\ninhibit_rules: [{ ${key} }]`,
    'name source_match source_match_re source_matchers target_match target_match_re target_matchers equal',
  ],
  [
    'time_intervals',
    (key) => `${WHOLE}\ntime_intervals: [{ name: b, time_intervals: [{ ${key} }] }]`,
    'times weekdays days_of_month months years location',
  ],
  [
    'email_configs',
    channel('email_configs', ''),
    'send_resolved to from hello smarthost auth_username auth_password auth_password_file auth_secret auth_secret_file auth_identity headers html text require_tls tls_config force_implicit_tls threading',
  ],
  [
    'slack_configs',
    channel('slack_configs', ''),
    'send_resolved http_config api_url api_url_file app_token app_token_file app_url channel username color title title_link pretext text message_text fields short_fields footer fallback callback_id icon_emoji icon_url image_url thumb_url link_names mrkdwn_in actions update_message timeout',
  ],
  [
    'slack actions',
    (key) => channel('slack_configs', '')(`actions: [{ ${key} }]`),
    'type text url style name value confirm',
  ],
  [
    'slack confirmations',
    (key) => channel('slack_configs', '')(`actions: [{ confirm: { ${key} } }]`),
    'text title ok_text dismiss_text',
  ],
  ['slack fields', (key) => channel('slack_configs', '')(`fields: [{ ${key} }]`), 'title value short'],
  [
    'discord_configs',
    channel('discord_configs', ''),
    'send_resolved http_config webhook_url webhook_url_file content title message username avatar_url',
  ],
  [
    'msteams_configs',
    channel('msteams_configs', ''),
    'send_resolved http_config webhook_url webhook_url_file title summary text',
  ],
  [
    'msteamsv2_configs',
    channel('msteamsv2_configs', ''),
    'send_resolved http_config webhook_url webhook_url_file title text',
  ],
  [
    'opsgenie_configs',
    channel('opsgenie_configs', ''),
    'send_resolved http_config api_key api_key_file api_url message description source details entity responders actions tags note priority update_alerts',
  ],
  [
    'opsgenie responders',
    (key) => channel('opsgenie_configs', '')(`responders: [{ ${key} }]`),
    'id name username type',
  ],
  [
    'pagerduty_configs',
    channel('pagerduty_configs', ''),
    'send_resolved http_config service_key service_key_file routing_key routing_key_file url client client_url description details images links source severity class component group timeout',
  ],
  ['pagerduty links', (key) => channel('pagerduty_configs', '')(`links: [{ ${key} }]`), 'href text'],
  ['pagerduty images', (key) => channel('pagerduty_configs', '')(`images: [{ ${key} }]`), 'src alt href'],
  [
    'pushover_configs',
    channel('pushover_configs', ''),
    'send_resolved http_config user_key user_key_file token token_file title message url url_title device sound priority retry expire ttl html monospace',
  ],
  [
    'telegram_configs',
    channel('telegram_configs', ''),
    'send_resolved http_config api_url bot_token bot_token_file chat_id chat_id_file message_thread_id message disable_notifications parse_mode',
  ],
  [
    'webhook_configs',
    channel('webhook_configs', ''),
    'send_resolved http_config url url_file max_alerts timeout payload',
  ],
  [
    'http_config',
    http((key) => `{ ${key} }`),
    'basic_auth authorization oauth2 bearer_token bearer_token_file tls_config follow_redirects enable_http2 http_headers proxy_url no_proxy proxy_from_environment proxy_connect_header',
  ],
  [
    'basic_auth',
    http((key) => `{ basic_auth: { ${key} } }`),
    'username username_file username_ref password password_file password_ref',
  ],
  [
    'authorization',
    http((key) => `{ authorization: { ${key} } }`),
    'type credentials credentials_file credentials_ref',
  ],
  ['http_headers', http((key) => `{ http_headers: { X: { ${key} } } }`), 'values secrets'],
  [
    'tls_config',
    http((key) => `{ tls_config: { ${key} } }`),
    'ca ca_file ca_ref cert cert_file cert_ref key key_file key_ref server_name insecure_skip_verify min_version max_version',
  ],
];

test.each(PLACES)('every key of %s is known, or refused with what to do', async (_place, write, keys) => {
  const unknown: string[] = [];
  for (const key of keys.split(' ')) {
    const lines = await report({ 'tocsin.yaml': 'alerting: { config_file: am.yml }', 'am.yml': write(`${key}: x`) });
    const about = lines.filter((line) => line.includes(`unknown key "${key}"`));
    // What is refused names file and line, and ends in what to do instead.
    const isCured = about.length > 0 && about.every((line) => /^am\.yml:\d+: .*expected no .*\(.+\), found/.test(line));
    if (about.length > 0 && !isCured) unknown.push(...about);
  }
  expect(unknown).toEqual([]);
});

test('a key that Alertmanager does not read either is unknown', async () => {
  const lines = await report({ 'tocsin.yaml': 'alerting: { config_file: am.yml }', 'am.yml': `${WHOLE}\nglobals: x` });
  expect(lines.join('\n')).toMatch(/expected a known key, found unknown key "globals"/);
});
