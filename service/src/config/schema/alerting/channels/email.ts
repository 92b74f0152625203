import { z } from 'zod';
import { isLoopback } from '../../../address.ts';
import { flag, hostPort, text } from '../../scalars.ts';
import type { GlobalSettings } from '../global.ts';
import { sendResolved } from '../send-resolved.ts';
import { template } from './every-channel.ts';
import { type ChannelTls, channelTls, tlsConfig } from './http-config.ts';

/** An entry of `email_configs` as written. */
export const emailConfig = z.strictObject({
  to: text,
  from: text.optional(),
  smarthost: hostPort.optional(),
  hello: text.optional(),
  auth_username: text.optional(),
  auth_password: text.optional(),
  auth_password_file: text.optional(),
  require_tls: flag.optional(),
  force_implicit_tls: flag.optional(),
  tls_config: tlsConfig.optional(),
  send_resolved: sendResolved,
  headers: z.record(z.string(), z.string()).default({}),
  text: template,
  html: template,
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
  /** TLS from the first byte; by default on port 465 only. */
  readonly implicitTls?: boolean | undefined;
  readonly tls?: ChannelTls | undefined;
  readonly sendResolved: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly text?: string | undefined;
  readonly html?: string | undefined;
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
    implicitTls: email.force_implicit_tls ?? defaults.smtp_force_implicit_tls,
    tls: channelTls(email.tls_config ?? defaults.smtp_tls_config),
    sendResolved: email.send_resolved,
    headers: email.headers,
    text: email.text,
    html: email.html,
  };
}
