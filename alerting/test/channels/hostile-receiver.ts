import { createServer, type IncomingHttpHeaders, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';

const fixture = (name: string): string => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8');

/** A request as it arrived. */
export interface Arrived {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** How the other side behaves to a request. */
export type Behaviour = (response: ServerResponse, request: Arrived) => void;

/** A real HTTP server that behaves as it is told. */
export interface HostileReceiver {
  readonly url: string;
  readonly requests: Arrived[];
  behave: Behaviour;
  stop(): Promise<void>;
}

/** Starts a receiver on a free port of 127.0.0.1; with TLS it has a certificate that nobody trusts. */
export async function startHostileReceiver(behave: Behaviour, isSecure = false): Promise<HostileReceiver> {
  const requests: Arrived[] = [];
  const listener: RequestListener = (request, response) => {
    void Array.fromAsync(request).then(
      (chunks) => {
        const { method = '', url: path = '', headers } = request;
        const arrived = { method, path, headers, body: Buffer.concat(chunks as Buffer[]).toString() };
        requests.push(arrived);
        receiver.behave(response, arrived);
      },
      // The client went away while it sent: the test looks at what the client says.
      () => undefined,
    );
  };
  const server = isSecure
    ? createSecureServer({ key: fixture('localhost.key'), cert: fixture('localhost.crt') }, listener)
    : createServer(listener);
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const receiver: HostileReceiver = {
    url: `${isSecure ? 'https' : 'http'}://127.0.0.1:${port}`,
    requests,
    behave,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return receiver;
}

/** Answers with status, body and headers. */
export const says =
  (status: number, body = '', headers: Readonly<Record<string, string>> = {}): Behaviour =>
  (response) =>
    void response.writeHead(status, headers).end(body);

export const hangs: Behaviour = () => undefined;

export const hangsWithinTheAnswer: Behaviour = (response) => void response.writeHead(200).write('{');

export const resets: Behaviour = (response) => void response.socket?.resetAndDestroy();

/** Never comes to an end; `written` counts the bytes. */
export function pours(status: number, written: { bytes: number }): Behaviour {
  return (response) => {
    response.writeHead(status);
    const chunk = Buffer.alloc(65_536, 0x78);
    const more = (): void => {
      while (!response.destroyed) {
        written.bytes += chunk.length;
        if (!response.write(chunk)) break;
      }
    };
    response.on('drain', more);
    more();
  };
}
