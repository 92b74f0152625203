import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

const fixture = (name: string): string => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8');

/** A certificate for `localhost` and 127.0.0.1 that only these tests trust. */
export const CERTIFICATE = fixture('localhost.crt');

/** A real mail server with what it accepted. */
export interface MailServer {
  readonly port: number;
  readonly mails: { readonly mail: ParsedMail; readonly secure: boolean; readonly to: string[] }[];
  stop(): Promise<void>;
}

/** Starts a mail server on a free port of 127.0.0.1. */
export async function startMailServer(options: SMTPServerOptions = {}): Promise<MailServer> {
  const mails: MailServer['mails'] = [];
  const server = new SMTPServer({
    key: fixture('localhost.key'),
    cert: CERTIFICATE,
    authOptional: true,
    logger: false,
    closeTimeout: 50,
    onData(stream, session, callback) {
      simpleParser(stream).then((mail) => {
        const to = session.envelope.rcptTo.map(({ address }) => address);
        mails.push({ mail, secure: session.secure, to });
        callback();
      }, callback);
    },
    ...options,
  });
  // A client that goes away in the middle of TLS is an error event; the tests look at what the client says.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.server.address() as AddressInfo;
  return {
    port,
    mails,
    stop: () =>
      new Promise((resolve) => {
        server.close(resolve);
      }),
  };
}

/** An error as a mail server answers it. */
export function smtpRefusal(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}
