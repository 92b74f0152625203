/** A secret from a store of Alertmanager's. */
const BY_REFERENCE =
  'no secret by reference (write ${NAME} for one of the environment, or the key with _file for one in a file)';
/** A setting of a kind that there is not. */
const without = (kind: string): string => `no setting of ${kind}, which Tocsin does not have (take it out)`;

/**
 * What Alertmanager's configuration may say and ours may not, each with what to do: by the key, or by its parent's name and the key. Source: Alertmanager
 * 0.34, "Configuration".
 */
const CURES: Readonly<Record<string, string>> = {
  tracing: 'no tracing (Tocsin reports its own traces without being told: take the section out)',
  event_recorder: 'no event_recorder (GET /api/v1/deliveries lists what was sent: take the section out)',
  'route.labels': 'no labels on a route (give the route a receiver of its own whose texts say it)',
  'routes.labels': 'no labels on a route (give the route a receiver of its own whose texts say it)',
  'receivers.labels': 'no labels on a receiver (nothing reads them: take them out)',

  'global.wechat_api_url': without('wechat_configs'),
  'global.wechat_api_secret': without('wechat_configs'),
  'global.wechat_api_secret_file': without('wechat_configs'),
  'global.wechat_api_corp_id': without('wechat_configs'),
  'global.victorops_api_url': without('victorops_configs'),
  'global.victorops_api_key': without('victorops_configs'),
  'global.victorops_api_key_file': without('victorops_configs'),
  'global.webex_api_url': without('webex_configs'),
  'global.jira_api_url': without('jira_configs'),
  'global.rocketchat_api_url': without('rocketchat_configs'),
  'global.rocketchat_token': without('rocketchat_configs'),
  'global.rocketchat_token_file': without('rocketchat_configs'),
  'global.rocketchat_token_id': without('rocketchat_configs'),
  'global.rocketchat_token_id_file': without('rocketchat_configs'),
  'global.mattermost_webhook_url':
    "no mattermost_webhook_url (slack_api_url works with Mattermost's incoming webhooks)",
  'global.mattermost_webhook_url_file':
    "no mattermost_webhook_url_file (slack_api_url_file works with Mattermost's incoming webhooks)",
  'global.smtp_auth_secret': 'no smtp_auth_secret (CRAM-MD5: write smtp_auth_password, over TLS)',
  'global.smtp_auth_secret_file': 'no smtp_auth_secret_file (CRAM-MD5: write smtp_auth_password_file, over TLS)',
  'global.smtp_auth_identity': 'no smtp_auth_identity (mail is sent as smtp_auth_username: take it out)',

  'email_configs.auth_secret': 'no auth_secret (CRAM-MD5: write auth_password, over TLS)',
  'email_configs.auth_secret_file': 'no auth_secret_file (CRAM-MD5: write auth_password_file, over TLS)',
  'email_configs.auth_identity': 'no auth_identity (mail is sent as auth_username: take it out)',
  'email_configs.threading': 'no threading (mail about one trouble is one thread without it: take it out)',
  'pagerduty_configs.service_key':
    'no service_key (Events API v1: write routing_key, of an integration of Events API v2)',
  'pagerduty_configs.service_key_file':
    'no service_key_file (Events API v1: write routing_key_file, of an integration of Events API v2)',

  'http_config.oauth2': 'no oauth2 (write authorization with a token, in a file that is renewed: credentials_file)',
  'http_config.proxy_connect_header': 'no proxy_connect_header (the login of a proxy stands in proxy_url)',
  'authorization.credentials_ref': BY_REFERENCE,
  'basic_auth.username_ref': BY_REFERENCE,
  'basic_auth.password_ref': BY_REFERENCE,
  'tls_config.ca_ref': BY_REFERENCE,
  'tls_config.cert_ref': BY_REFERENCE,
  'tls_config.key_ref': BY_REFERENCE,
  'smtp_tls_config.ca_ref': BY_REFERENCE,
  'smtp_tls_config.cert_ref': BY_REFERENCE,
  'smtp_tls_config.key_ref': BY_REFERENCE,
};

/** What to do about a key that another program knows and we do not; `undefined` for any other key. */
export function cureOf(path: readonly PropertyKey[], key: string): string | undefined {
  const parent = path.findLast((part) => typeof part === 'string');
  const cure = (name: string): string | undefined => (Object.hasOwn(CURES, name) ? CURES[name] : undefined);
  return cure(`${parent ?? ''}.${key}`) ?? (isOfAlertmanager(path) ? cure(key) : undefined);
}

/** At the top of a file, in the section `alerting`, or in a receiver. */
function isOfAlertmanager(path: readonly PropertyKey[]): boolean {
  const parent = path.findLast((part) => typeof part === 'string');
  return parent === undefined || parent === 'alerting' || parent === 'receivers';
}
