import { z } from 'zod';
import { flag, hostPort, httpUrl, positiveDuration, text } from '../scalars.ts';
import { httpConfig, tlsConfig } from './channels/http-config.ts';

/** What receivers share. Source: Alertmanager documentation, "Configuration", `<global>`. */
export const global = z.strictObject({
  smtp_smarthost: hostPort.optional(),
  smtp_from: text.optional(),
  smtp_hello: text.default('localhost'),
  smtp_auth_username: text.optional(),
  smtp_auth_password: text.optional(),
  smtp_auth_password_file: text.optional(),
  smtp_require_tls: flag.optional(),
  smtp_force_implicit_tls: flag.optional(),
  smtp_tls_config: tlsConfig.optional(),
  slack_api_url: httpUrl.optional(),
  slack_api_url_file: text.optional(),
  slack_app_token: text.optional(),
  slack_app_token_file: text.optional(),
  slack_app_url: httpUrl.optional(),
  slack_signing_secret: text.optional(),
  slack_signing_secret_file: text.optional(),
  pagerduty_url: httpUrl.optional(),
  opsgenie_api_url: httpUrl.optional(),
  opsgenie_api_key: text.optional(),
  opsgenie_api_key_file: text.optional(),
  telegram_api_url: httpUrl.optional(),
  telegram_bot_token: text.optional(),
  telegram_bot_token_file: text.optional(),
  http_config: httpConfig.optional(),
  resolve_timeout: positiveDuration.default(300_000),
});

export type GlobalSettings = Readonly<z.output<typeof global>>;
