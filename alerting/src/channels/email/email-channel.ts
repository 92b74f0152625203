import { type EmailConfig, isLoopback, type Receiver } from '@tocsin/service/config';
import type * as Nodemailer from 'nodemailer';
import type { SendMailOptions } from 'nodemailer';
import type { Notification } from '../../notify/notification.ts';
import type { Channel, ChannelContext, ConfiguredChannel, DeliveryResult } from '../channel.ts';
import { describeNotification, shorten } from '../content.ts';
import { renderHtml } from './html-body.ts';
import { readSmtpError } from './smtp-error.ts';
import { renderText } from './text-body.ts';

/** The e-mail destinations of a receiver. */
export function emailChannels({ emailConfigs }: Receiver): ConfiguredChannel[] {
  return emailConfigs.map((config) => ({
    sendResolved: config.sendResolved,
    secrets: mailSecrets(config),
    open: (context) => createEmailChannel(config, context),
  }));
}

/** The password, alone and as the mechanism PLAIN sends it. Source: RFC 4616. */
function mailSecrets({ auth }: EmailConfig): string[] {
  return auth ? [auth.password, `\0${auth.username}\0${auth.password}`] : [];
}

/** The most alerts a mail lists. */
export const MAX_EMAIL_ALERTS = 50;

/** Limits on silence within an attempt, in milliseconds; the attempt as a whole has its own. */
const TIMEOUTS = { dnsTimeout: 5_000, connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 15_000 };

/** Further settings of the connection. */
export interface EmailTransportOptions {
  /** Certificates to trust besides the system's, PEM. */
  readonly trustedCertificates?: readonly string[];
}

/** A channel that sends one mail for each notification, over a connection of its own. */
export function createEmailChannel(
  config: EmailConfig,
  { consoleUrl }: ChannelContext,
  { trustedCertificates }: EmailTransportOptions = {},
): Channel {
  let transport: Transport | undefined;
  return {
    async send(notification, signal): Promise<DeliveryResult> {
      const mail = composeMail(config, notification, consoleUrl);
      // With the first mail: most alerting processes send none for days, and the library takes 9 MiB.
      const mailer = await import('nodemailer');
      transport ??= openTransport(mailer, config, trustedCertificates);
      try {
        const { rejected } = await transport.sendMail({ ...mail, signal });
        if (rejected.length === 0) return { status: 'ok' };
        return { status: 'ok', detail: shorten(`The server refused some recipients: ${rejected.join(', ')}`, 300) };
      } catch (error) {
        return readSmtpError(error);
      }
    },
    close: () => {
      transport?.close();
      return Promise.resolve();
    },
  };
}

type Transport = ReturnType<typeof openTransport>;

function openTransport(
  { createTransport }: Pick<typeof Nodemailer, 'createTransport'>,
  config: EmailConfig,
  trustedCertificates: readonly string[] | undefined,
) {
  const { host, port } = config.smarthost;
  return createTransport({
    host,
    port,
    secure: port === 465,
    name: config.hello,
    requireTLS: config.requireTls && port !== 465,
    // A server on this machine often offers STARTTLS with a certificate nobody trusts; loopback needs none.
    ignoreTLS: !config.requireTls && isLoopback(host),
    ...(config.auth ? { auth: { user: config.auth.username, pass: config.auth.password } } : {}),
    ...(trustedCertificates ? { tls: { ca: [...trustedCertificates] } } : {}),
    disableFileAccess: true,
    disableUrlAccess: true,
    ...TIMEOUTS,
  });
}

/**
 * The mail: its Message-ID is the idempotency key, so a mail that comes twice can be recognised; all mails about the same
 * trouble refer to the first one, so mail programs show them as one thread. Source: RFC 5322, 3.6.4.
 */
export function composeMail(config: EmailConfig, notification: Notification, consoleUrl: string): SendMailOptions {
  const content = describeNotification(notification, consoleUrl, MAX_EMAIL_ALERTS);
  const { id, threadId, createdAtMs } = notification;
  const headers = Object.entries(config.headers);
  const subject = headers.find(([name]) => name.toLowerCase() === 'subject')?.[1] ?? content.title;
  const thread = messageId(threadId, config.from);
  return {
    from: config.from,
    to: config.to,
    subject,
    date: new Date(createdAtMs),
    messageId: messageId(id, config.from),
    ...(id === threadId ? {} : { inReplyTo: thread, references: [thread] }),
    headers: {
      ...Object.fromEntries(headers.filter(([name]) => name.toLowerCase() !== 'subject')),
      'X-Tocsin-Notification': id,
      // Keeps out-of-office programs quiet. Source: RFC 3834, 5.
      'Auto-Submitted': 'auto-generated',
    },
    text: renderText(content),
    html: renderHtml(content),
  };
}

function messageId(id: string, from: string): string {
  const domain = /@([A-Za-z0-9.-]+)>?\s*$/.exec(from)?.[1] ?? 'tocsin.invalid';
  return `<${id}@${domain}>`;
}
