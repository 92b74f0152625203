import { z } from 'zod';
import { isLoopback } from '../../../address.ts';
import { flag, hostPort, text } from '../../scalars.ts';
import type { GlobalSettings } from '../global.ts';
import { sendResolved } from '../send-resolved.ts';

/** An entry of `email_configs` as written. */
export const emailConfig = z.strictObject({
  to: text,
  from: text.optional(),
  smarthost: hostPort.optional(),
  hello: text.optional(),
  auth_username: text.optional(),
  auth_password: text.optional(),
  require_tls: flag.optional(),
  send_resolved: sendResolved,
  headers: z.record(z.string(), z.string()).default({}),
});

/** One e-mail destination, with the `global` settings filled in. */
export interface EmailConfig {
  readonly to: string;
  readonly from: string;
  readonly smarthost: { readonly host: string; readonly port: number };
  readonly hello: string;
  readonly auth: { readonly username: string; readonly password: string } | undefined;
  /** STARTTLS is demanded. Alertmanager's default is true; ours too, except to a loopback smarthost. */
  readonly requireTls: boolean;
  readonly sendResolved: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

/** Fills in what `global` says. */
export function completeEmail(email: z.output<typeof emailConfig>, defaults: GlobalSettings): EmailConfig {
  const smarthost = email.smarthost ?? defaults.smtp_smarthost ?? { host: '', port: 0 };
  const username = email.auth_username ?? defaults.smtp_auth_username;
  const password = email.auth_password ?? defaults.smtp_auth_password;
  return {
    to: email.to,
    from: email.from ?? defaults.smtp_from ?? '',
    smarthost,
    hello: email.hello ?? defaults.smtp_hello,
    auth: username === undefined ? undefined : { username, password: password ?? '' },
    requireTls: email.require_tls ?? defaults.smtp_require_tls ?? !isLoopback(smarthost.host),
    sendResolved: email.send_resolved,
    headers: email.headers,
  };
}
