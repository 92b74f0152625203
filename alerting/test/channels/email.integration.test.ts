import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { EmailConfig } from '@tocsin/service/config';
import type { SMTPServerOptions } from 'smtp-server';
import { afterEach, describe, expect, test } from 'vitest';
import type { ChannelContext } from '../../src/channels/channel.ts';
import { createEmailChannel } from '../../src/channels/email/email-channel.ts';
import { withTimeout } from '../../src/channels/with-timeout.ts';
import type { Notification } from '../../src/notify/notification.ts';
import { CERTIFICATE, type MailServer, smtpRefusal, startMailServer } from './mail-server.ts';
import {
  CONSOLE_URL,
  picturesOf,
  risingPoints,
  sampleAlert,
  sampleNotification,
  SINCE_MS,
  TRACE_ID,
} from './sample.ts';

const NEVER = new AbortController().signal;
let server: MailServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

const config = (port: number, change: Partial<EmailConfig> = {}): EmailConfig => ({
  to: 'Ann <ann@example.com>, bob@example.com',
  from: 'Tocsin <tocsin@example.com>',
  smarthost: { host: '127.0.0.1', port },
  hello: 'localhost',
  auth: undefined,
  requireTls: false,
  sendResolved: true,
  headers: {},
  ...change,
});

async function send(options: SMTPServerOptions, change: Partial<EmailConfig> = {}, notification?: Notification) {
  server = await startMailServer(options);
  const trusted = { trustedCertificates: [CERTIFICATE] };
  const channel = createEmailChannel(config(server.port, change), { consoleUrl: CONSOLE_URL }, trusted);
  return channel.send(notification ?? sampleNotification(), NEVER);
}

describe('a mail', () => {
  test('carries what one needs at three in the morning, as text and as HTML', async () => {
    const annotations = {
      trace_id: TRACE_ID,
      reason: 'status 500 instead of 200',
      description: 'Since the deployment.',
    };
    const notification = sampleNotification({ firing: [sampleAlert({}, annotations)] });
    expect(await send({}, {}, notification)).toEqual({ status: 'ok' });
    const { mail, to } = server!.mails[0]!;
    expect(to).toEqual(['ann@example.com', 'bob@example.com']);
    expect(mail.subject).toBe('[FIRING:1] HighErrorRate (shop)');
    expect(mail.from?.text).toBe('"Tocsin" <tocsin@example.com>');
    for (const body of [mail.text, mail.html]) {
      for (const part of [
        'HighErrorRate',
        'shop: 37% of requests fail',
        'Since the deployment.',
        'status 500 instead of 200',
        '0.371429',
        '2026-11-20 10:03:12 UTC',
        `${CONSOLE_URL}/trace/${TRACE_ID}`,
        'severity=',
      ])
        expect(body).toContain(part);
    }
  });

  test('has the idempotency key as its Message-ID, in every attempt', async () => {
    await send({});
    const { mail } = server!.mails[0]!;
    expect(mail.messageId).toBe('<key-1@example.com>');
    expect(mail.headers.get('x-tocsin-notification')).toBe('key-1');
    expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
    expect(mail.date?.getTime()).toBe(SINCE_MS + 30_000);
    expect(mail.inReplyTo).toBeUndefined();
  });

  test('is in the thread of the first one about the same trouble', async () => {
    await send({}, {}, sampleNotification({ id: 'key-2', threadId: 'key-1' }));
    const { mail } = server!.mails[0]!;
    expect(mail.messageId).toBe('<key-2@example.com>');
    expect(mail.inReplyTo).toBe('<key-1@example.com>');
    expect(mail.references).toBe('<key-1@example.com>');
  });

  test('escapes everything that came from outside, and takes no header from it', async () => {
    const hostile = '<script>alert("x")</script>&\r\nBcc: eve@example.com';
    const firing = [
      sampleAlert({ alertname: hostile, x: hostile }, { summary: hostile, '<b>': hostile, reason: hostile }),
    ];
    await send({}, {}, sampleNotification({ firing }));
    const { mail, to } = server!.mails[0]!;
    expect(to).toEqual(['ann@example.com', 'bob@example.com']);
    expect(mail.headers.has('bcc')).toBe(false);
    expect(mail.html).not.toContain('<script');
    expect(mail.html).not.toContain('<b>');
    expect(mail.html).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;');
  });

  test('goes to whom a template names, and to nobody whom a line break names', async () => {
    const labels = { owner: 'eve@example.com\r\nBcc: mallory@example.com' };
    const notification = sampleNotification({ firing: [sampleAlert({ team: 'ops', ...labels })] });
    const to = '{{ .CommonLabels.team }}@example.com, "{{ .CommonLabels.owner }}" <ann@example.com>';
    expect(await send({}, { to, from: '{{ .CommonLabels.team }}-alerts@example.com' }, notification)).toEqual({
      status: 'ok',
    });
    const { mail, to: recipients } = server!.mails[0]!;
    expect(recipients).toEqual(['ops@example.com', 'ann@example.com']);
    expect(mail.from?.text).toBe('ops-alerts@example.com');
    expect(mail.bcc).toBeUndefined();
  });

  test('without an address is refused for good, and says why', async () => {
    expect(await send({}, { to: '{{ .CommonLabels.nothing }}' })).toEqual({
      status: 'failed',
      reason: 'rejected',
      detail: 'The template of the recipients gives no address.',
    });
  });

  test('loads nothing from elsewhere', async () => {
    await send({});
    expect(server!.mails[0]!.mail.html).not.toMatch(/<(?:img|script|link|iframe|style)|url\(|@import/i);
  });

  test('has the headers of the configuration, a subject of its own included', async () => {
    await send({}, { headers: { 'X-Team': 'ops', Subject: 'Tocsin rings' } });
    const { mail } = server!.mails[0]!;
    expect(mail.subject).toBe('Tocsin rings');
    expect(mail.headers.get('x-team')).toBe('ops');
  });
});

describe('a mail that has more', () => {
  const charts = picturesOf(risingPoints(20));
  const links = () => ({ acknowledge: 'http://a.example/links/a', silence: 'http://a.example/links/s' });
  const deliver = async (
    change: Partial<EmailConfig>,
    context: Partial<ChannelContext>,
    notification?: Notification,
  ) => {
    server = await startMailServer();
    const channel = createEmailChannel(config(server.port, change), { consoleUrl: CONSOLE_URL, ...context });
    expect(await channel.send(notification ?? sampleNotification(), NEVER)).toEqual({ status: 'ok' });
    return server.mails[0]!.mail;
  };

  test('brings its chart along, and shows it by its name', async () => {
    const mail = await deliver({}, { charts });
    const [chart] = mail.attachments;
    expect(chart).toMatchObject({ contentType: 'image/png', cid: 'chart@tocsin', related: true });
    expect(chart?.content.subarray(1, 4).toString()).toBe('PNG');
    // The parser puts the picture itself where its name was.
    expect(mail.html).toMatch(/<img src="(?:cid:chart@tocsin|data:image\/png)/);
    expect(mail.html).toContain('alt="The value of HighErrorRate over time"');
  });

  test('has the links to acknowledge and silence in both bodies while something fires', async () => {
    const mail = await deliver({}, { links });
    for (const body of [mail.text, mail.html]) {
      expect(body).toContain('http://a.example/links/a');
      expect(body).toContain('http://a.example/links/s');
    }
    await server?.stop();
    const resolved = [sampleAlert({}, {}, SINCE_MS + 60_000)];
    const over = await deliver({}, { links }, sampleNotification({ firing: [], resolved }));
    expect(over.html).not.toContain('/links/');
  });

  test('is marked as automatic and, for a page, as urgent', async () => {
    const mail = await deliver({}, {});
    expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
    expect(mail.headers.get('x-auto-response-suppress')).toBe('All');
    expect(mail.headers.get('priority')).toBe('high');
    await server?.stop();
    const ticket = sampleNotification({ firing: [sampleAlert({ severity: 'ticket' })] });
    expect((await deliver({}, {}, ticket)).headers.get('priority')).not.toBe('high');
  });

  test('has the texts of the configuration, and no header out of a label', async () => {
    const hostile = 'x\r\nBcc: eve@example.com';
    const mail = await deliver(
      {
        text: '{{ .Status }} {{ .CommonLabels.service }}',
        html: '<p>{{ range .Alerts }}{{ .Labels.alertname }}{{ .Labels.tag }}{{ end }}</p>',
        headers: { Subject: '{{ .CommonLabels.x }}', 'X-Team': '{{ .CommonLabels.x }}' },
      },
      {},
      sampleNotification({ firing: [sampleAlert({ x: hostile, tag: '<script>' })] }),
    );
    expect(mail.text?.trim()).toBe('firing shop');
    expect(mail.html).toContain('<p>HighErrorRate&lt;script&gt;</p>');
    expect(mail.subject).toBe('x Bcc: eve@example.com');
    expect(mail.headers.has('bcc')).toBe(false);
    expect(mail.headers.get('x-team')).toBe('x Bcc: eve@example.com');
  });
});

describe('TLS from the first byte', () => {
  const tls = {
    ca: CERTIFICATE,
    cert: undefined,
    key: undefined,
    serverName: undefined,
    insecureSkipVerify: false,
    minVersion: undefined,
    maxVersion: undefined,
  };
  const implicit = async (change: Partial<EmailConfig>) => {
    server = await startMailServer({ secure: true });
    const channel = createEmailChannel(config(server.port, { implicitTls: true, ...change }), {
      consoleUrl: CONSOLE_URL,
    });
    return channel.send(sampleNotification(), NEVER);
  };

  test('encrypts, with the authorities of the configuration', async () => {
    expect(await implicit({ tls })).toEqual({ status: 'ok' });
    expect(server!.mails[0]?.secure).toBe(true);
  });

  test('refuses a certificate that nobody trusts, unless that is asked for', async () => {
    expect(await implicit({})).toMatchObject({ status: 'retryable', reason: 'tls_failed' });
    await server?.stop();
    expect(await implicit({ tls: { ...tls, ca: undefined, insecureSkipVerify: true } })).toEqual({ status: 'ok' });
  });
});

describe('STARTTLS', () => {
  test('encrypts where it is required', async () => {
    expect(await send({}, { requireTls: true })).toEqual({ status: 'ok' });
    expect(server!.mails[0]?.secure).toBe(true);
  });

  test('is not used on loopback where it is not required', async () => {
    expect(await send({})).toEqual({ status: 'ok' });
    expect(server!.mails[0]?.secure).toBe(false);
  });

  test('is demanded before anything is sent', async () => {
    const result = await send({ disabledCommands: ['STARTTLS'] }, { requireTls: true });
    expect(result).toMatchObject({ reason: 'tls_failed' });
    expect(server!.mails).toEqual([]);
  });

  test('refuses a certificate that nobody trusts', async () => {
    server = await startMailServer();
    const channel = createEmailChannel(config(server.port, { requireTls: true }), { consoleUrl: CONSOLE_URL });
    expect(await channel.send(sampleNotification(), NEVER)).toMatchObject({
      status: 'retryable',
      reason: 'tls_failed',
    });
  });
});

describe('authentication', () => {
  const auth = { username: 'tocsin', password: 'correct horse' };
  const onAuth: SMTPServerOptions['onAuth'] = ({ username, password }, _session, callback) =>
    password === 'correct horse' ? callback(null, { user: username }) : callback(smtpRefusal(535, 'no such user'));

  test('lets mail through over TLS', async () => {
    const result = await send({ authOptional: false, onAuth }, { auth, requireTls: true });
    expect(result).toEqual({ status: 'ok' });
  });

  test('that is refused is final and says so', async () => {
    const wrong = { ...auth, password: 'wrong horse' };
    const result = await send({ authOptional: false, onAuth }, { auth: wrong, requireTls: true });
    expect(result).toMatchObject({ status: 'failed', reason: 'authentication_failed' });
    expect(JSON.stringify(result)).toContain('no such user');
  });

  test('that cannot be judged now is worth another attempt', async () => {
    const busy: SMTPServerOptions['onAuth'] = (_auth, _session, callback) => callback(smtpRefusal(454, 'try later'));
    const result = await send({ authOptional: false, onAuth: busy }, { auth, requireTls: true });
    expect(result).toMatchObject({ status: 'retryable', reason: 'authentication_failed' });
  });
});

describe('a refusal', () => {
  const stages: [stage: string, options: (code: number) => SMTPServerOptions][] = [
    ['the greeting', (code) => ({ onConnect: (_s, done) => done(smtpRefusal(code, 'not now')) })],
    ['MAIL FROM', (code) => ({ onMailFrom: (_a, _s, done) => done(smtpRefusal(code, 'not now')) })],
    ['RCPT TO', (code) => ({ onRcptTo: (_a, _s, done) => done(smtpRefusal(code, 'not now')) })],
    [
      'the data',
      (code) => ({
        onData: (stream, _s, done) => {
          stream.resume().on('end', () => done(smtpRefusal(code, 'not now')));
        },
      }),
    ],
  ];

  test.each(stages)('at %s with 4xx is worth another attempt', async (_stage, options) => {
    const result = await send(options(451));
    expect(result).toMatchObject({ status: 'retryable', reason: 'server_error' });
    expect(JSON.stringify(result)).toContain('not now');
  });

  test.each(stages)('at %s with 5xx is final', async (_stage, options) => {
    const result = await send(options(550));
    expect(result).toMatchObject({ status: 'failed', reason: 'rejected' });
    expect(JSON.stringify(result)).toContain('not now');
  });

  test('of one recipient among several still counts as delivered, and is told', async () => {
    const result = await send({
      onRcptTo: ({ address }, _session, done) => done(address.startsWith('bob') ? smtpRefusal(550, 'unknown') : null),
    });
    expect(result).toEqual({ status: 'ok', detail: 'The server refused some recipients: bob@example.com' });
    expect(server!.mails[0]?.to).toEqual(['ann@example.com']);
  });
});

describe('a mail server that is not well', () => {
  let broken: Server;
  const sockets = new Set<Socket>();
  const listen = async (onConnection: (socket: Socket) => void): Promise<number> => {
    broken = createServer((socket) => {
      sockets.add(socket.on('error', () => undefined));
      onConnection(socket);
    });
    await new Promise<void>((resolve) => {
      broken.listen(0, '127.0.0.1', resolve);
    });
    return (broken.address() as AddressInfo).port;
  };
  const end = (): Promise<unknown> => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    return new Promise((resolve) => {
      broken.close(resolve);
    });
  };
  const attempt = (port: number, timeoutMs = 5_000) =>
    withTimeout(createEmailChannel(config(port), { consoleUrl: CONSOLE_URL }), timeoutMs).send(
      sampleNotification(),
      NEVER,
    );

  test('is tried again when it refuses the connection', async () => {
    const port = await listen(() => undefined);
    await end();
    const result = await attempt(port);
    expect(result).toMatchObject({ status: 'retryable', reason: 'connection_failed' });
    expect(JSON.stringify(result)).toContain('ECONNREFUSED');
  });

  test('is tried again when it resets the connection', async () => {
    const port = await listen((socket) => socket.write('220 hi\r\n', () => socket.resetAndDestroy()));
    expect(await attempt(port)).toMatchObject({ status: 'retryable', reason: 'connection_failed' });
    await end();
  });

  test('is left when it says nothing, and the connection is closed with the attempt', async () => {
    const closed = Promise.withResolvers<void>();
    const port = await listen((socket) => socket.on('close', () => closed.resolve()).resume());
    expect(await attempt(port, 100)).toMatchObject({ status: 'retryable', reason: 'timeout' });
    await closed.promise;
    await end();
  });
});
