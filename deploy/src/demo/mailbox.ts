import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

/** One e-mail that arrived. */
export interface ReceivedMail {
  readonly receivedAtMs: number;
  readonly to: readonly string[];
  readonly subject: string;
  readonly messageId: string;
  readonly text: string;
  readonly html: string;
}

/** A local SMTP server that keeps what arrives. */
export interface Mailbox {
  /** `host:port`, as `smtp_smarthost` wants it. */
  readonly smarthost: string;
  readonly mails: readonly ReceivedMail[];
  stop(): Promise<void>;
}

const MOST_MAILS = 1_000;

/**
 * Starts a mailbox on loopback: a real SMTP server without TLS and authentication, for the demo and the end-to-end test.
 * @param onMail called after each message was taken
 */
export async function startMailbox(onMail: (mail: ReceivedMail) => void = () => undefined): Promise<Mailbox> {
  const mails: ReceivedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, session, done) {
      simpleParser(stream).then(
        (parsed) => {
          const mail = readMail(
            parsed,
            session.envelope.rcptTo.map(({ address }) => address),
          );
          if (mails.length < MOST_MAILS) mails.push(mail);
          onMail(mail);
          done();
        },
        (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
      );
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  return {
    smarthost: `127.0.0.1:${port}`,
    mails,
    stop: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

function readMail(parsed: ParsedMail, to: readonly string[]): ReceivedMail {
  return {
    receivedAtMs: Date.now(),
    to,
    subject: parsed.subject ?? '',
    messageId: parsed.messageId ?? '',
    text: parsed.text ?? '',
    html: parsed.html || '',
  };
}
