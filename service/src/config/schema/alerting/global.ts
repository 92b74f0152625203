import { z } from 'zod';
import { flag, hostPort, httpUrl, positiveDuration, text } from '../scalars.ts';

/** What receivers share. Source: Alertmanager documentation, "Configuration", `<global>`. */
export const global = z.strictObject({
  smtp_smarthost: hostPort.optional(),
  smtp_from: text.optional(),
  smtp_hello: text.default('localhost'),
  smtp_auth_username: text.optional(),
  smtp_auth_password: text.optional(),
  smtp_require_tls: flag.optional(),
  slack_api_url: httpUrl.optional(),
  resolve_timeout: positiveDuration.default(300_000),
});

export type GlobalSettings = Readonly<z.output<typeof global>>;
