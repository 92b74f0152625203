import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';

/** What a request asked for. */
export interface Asked {
  readonly statement: string;
  readonly settings: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  /** The name in the client's certificate. */
  readonly certificate: string | undefined;
}

/** A server on a real socket that answers as a ClickHouse would; the test says how. */
export interface FakeServer {
  readonly url: string;
  readonly asked: Asked[];
  /** How it answers from now on; `away` cuts every connection. */
  behave(how: Behaviour): void;
}

export type Behaviour = 'ok' | 'away' | 'silent' | { readonly code: number; readonly message: string };

/** Starts a server; it is stopped when the test ends. */
export async function startFakeServer(row: string, tls?: ServerOptions): Promise<FakeServer> {
  const asked: Asked[] = [];
  let behaviour: Behaviour = 'ok';
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (behaviour === 'away') {
      request.socket.destroy();
      return;
    }
    const url = new URL(request.url ?? '/', 'http://fake');
    const chunks = await Array.fromAsync(request as AsyncIterable<Buffer>);
    const body = Buffer.concat(chunks).toString('utf8');
    const peer = (request.socket as TLSSocket).getPeerCertificate?.();
    const statement = url.searchParams.get('query') ?? body;
    const certificate = peer?.subject?.CN;
    asked.push({
      statement,
      settings: url.searchParams,
      headers: request.headers,
      certificate: typeof certificate === 'string' ? certificate : undefined,
    });
    if (behaviour === 'silent') return;
    if (behaviour === 'ok') response.end(url.pathname === '/ping' ? 'Ok.\n' : `${row}\n`);
    else {
      response.statusCode = 500;
      response.setHeader('X-ClickHouse-Exception-Code', behaviour.code);
      response.end(`Code: ${behaviour.code}. DB::Exception: ${behaviour.message}. (SOME_ERROR) (version 26.7.2.1)\n`);
    }
  };
  const listener = (request: IncomingMessage, response: ServerResponse): void => void handle(request, response);
  const server: Server = tls ? createTlsServer(tls, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: tls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`,
    asked,
    behave(how) {
      behaviour = how;
    },
  };
}
