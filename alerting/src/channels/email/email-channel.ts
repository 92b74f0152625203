import { type EmailConfig, isLoopback, type Receiver } from '@tocsin/service/config';
import type { ConnectionOptions } from 'node:tls';
import type * as Nodemailer from 'nodemailer';
import type { SendMailOptions } from 'nodemailer';
import type { Notification } from '../../notify/notification.ts';
import { fillOptional, fillText, messageScope } from '../../template/message-template.ts';
import type { Channel, ChannelContext, ConfiguredChannel, DeliveryResult } from '../channel.ts';
import type { ChartPicture } from '../chart/chart.ts';
import { describeNotification, shorten } from '../content.ts';
import { CHART_CID, renderHtml } from './html-body.ts';
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
function mailSecrets({ auth, tls }: EmailConfig): string[] {
  const login = auth ? [auth.password, `\0${auth.username}\0${auth.password}`] : [];
  return tls?.key === undefined ? login : [...login, tls.key];
}

/** The most alerts a mail lists. */
export const MAX_EMAIL_ALERTS = 50;
/** A mail has room for the names of all groups of a storm. */
const MAX_DIGEST_LINES = 1_000;

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
  context: ChannelContext,
  { trustedCertificates }: EmailTransportOptions = {},
): Channel {
  let transport: Transport | undefined;
  return {
    async send(notification, signal): Promise<DeliveryResult> {
      const picture = await context.charts?.pictureOf(notification);
      const mail = composeMail(config, notification, context, picture);
      if (!mail.to)
        return { status: 'failed', reason: 'rejected', detail: 'The template of the recipients gives no address.' };
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
  const isTlsFirst = config.implicitTls ?? port === 465;
  return createTransport({
    host,
    port,
    secure: isTlsFirst,
    name: config.hello,
    requireTLS: config.requireTls && !isTlsFirst,
    // A server on this machine often offers STARTTLS with a certificate nobody trusts; loopback needs none.
    ignoreTLS: !config.requireTls && isLoopback(host),
    ...(config.auth ? { auth: { user: config.auth.username, pass: config.auth.password } } : {}),
    tls: tlsOf(config, trustedCertificates),
    disableFileAccess: true,
    disableUrlAccess: true,
    ...TIMEOUTS,
  });
}

function tlsOf({ tls }: EmailConfig, trustedCertificates: readonly string[] | undefined): ConnectionOptions {
  const trusted = [...(tls?.ca === undefined ? [] : [tls.ca]), ...(trustedCertificates ?? [])];
  return {
    ...(trusted.length === 0 ? {} : { ca: trusted }),
    ...(tls?.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls?.key === undefined ? {} : { key: tls.key }),
    ...(tls?.serverName === undefined ? {} : { servername: tls.serverName }),
    ...(tls?.minVersion === undefined ? {} : { minVersion: tls.minVersion }),
    ...(tls?.maxVersion === undefined ? {} : { maxVersion: tls.maxVersion }),
    ...(tls?.insecureSkipVerify === true ? { rejectUnauthorized: false } : {}),
  };
}

/**
 * The mail: its Message-ID is the idempotency key, so a mail that comes twice can be recognised; all mails about the same
 * trouble refer to the first one, so mail programs show them as one thread. Source: RFC 5322, 3.6.4.
 */
export function composeMail(
  config: EmailConfig,
  notification: Notification,
  context: ChannelContext,
  picture?: ChartPicture,
): SendMailOptions {
  const content = describeNotification(notification, context, MAX_EMAIL_ALERTS, MAX_DIGEST_LINES);
  const scope = messageScope(notification, context);
  const { id, threadId, createdAtMs } = notification;
  const headers = Object.entries(config.headers);
  const own = headers.find(([name]) => name.toLowerCase() === 'subject')?.[1];
  const subject = oneLine(fillText(own, content.title, scope));
  const [from, to] = [config.from, config.to].map((source) => oneLine(fillOptional(source, scope) ?? ''));
  const thread = messageId(threadId, from);
  return {
    from,
    to,
    subject,
    date: new Date(createdAtMs),
    messageId: messageId(id, from),
    ...(id === threadId ? {} : { inReplyTo: thread, references: [thread] }),
    headers: {
      ...Object.fromEntries(
        headers
          .filter(([name]) => name.toLowerCase() !== 'subject')
          .map(([name, value]) => [name, oneLine(fillText(value, '', scope))]),
      ),
      'X-Tocsin-Notification': id,
      // Keeps out-of-office programs quiet. Source: RFC 3834, 5.
      'Auto-Submitted': 'auto-generated',
      // The same for Exchange. Source: Microsoft, [MS-OXCMAIL], 2.2.3.2.14.
      'X-Auto-Response-Suppress': 'All',
    },
    ...(content.tone === 'page' ? { priority: 'high' as const } : {}),
    text: fillText(config.text, renderText(content), scope),
    html: fillText(config.html, renderHtml(content, picture?.description), { ...scope, isHtml: true }),
    ...(picture && config.html === undefined
      ? { attachments: [{ filename: 'chart.png', content: Buffer.from(picture.png), cid: CHART_CID }] }
      : {}),
  };
}

/** No label makes another header of a value. */
const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

function messageId(id: string, from = ''): string {
  const domain = /@([A-Za-z0-9.-]+)>?\s*$/.exec(from)?.[1] ?? 'tocsin.invalid';
  return `<${id}@${domain}>`;
}
