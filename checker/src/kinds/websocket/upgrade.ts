import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';

/** What asking for a WebSocket came to. */
export type UpgradeOutcome =
  /** Nothing is read before `resume()`. */
  | { readonly status: 'open'; readonly webSocket: WebSocket }
  /** An answer of HTTP other than 101, with the beginning of its body. */
  | {
      readonly status: 'refused';
      readonly statusCode: number;
      readonly headers: IncomingHttpHeaders;
      readonly body: string;
    }
  /** `code` is the system's or llhttp's. */
  | { readonly status: 'failed'; readonly code: string }
  /** Not what RFC 6455 wants of a server. */
  | { readonly status: 'invalid'; readonly why: string }
  /** The request cannot be made. */
  | { readonly status: 'impossible'; readonly why: string }
  | { readonly status: 'aborted' };

export interface UpgradeOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly subprotocols: readonly string[];
  readonly maxMessageBytes: number;
  readonly signal: AbortSignal;
}

/** Of the body of a refusal this much is read. */
const MAX_BODY_BYTES = 4 * 1024;

/** Performs the opening handshake over a connection that is open. Source: RFC 6455, section 4. */
export function upgrade(socket: Socket, options: UpgradeOptions): Promise<UpgradeOutcome> {
  const { signal } = options;
  return new Promise((resolve) => {
    const webSocket = begin(socket, options);
    if ('status' in webSocket) return resolve(webSocket);
    const settle = (outcome: UpgradeOutcome): void => {
      signal.removeEventListener('abort', onAbort);
      webSocket.off('error', onError);
      // Stays: an error that comes before the next listener, or after it, must not crash us.
      webSocket.on('error', () => {});
      if (outcome.status !== 'open') webSocket.terminate();
      resolve(outcome);
    };
    const onAbort = (): void => settle({ status: 'aborted' });
    const onError = (error: NodeJS.ErrnoException): void => {
      if (error.code === undefined) return settle({ status: 'invalid', why: error.message });
      // Node calls it a reset too where the other side just closed the connection; the socket knows better.
      const isClosed = error.code === 'ECONNRESET' && !socket.errored;
      return settle({ status: 'failed', code: isClosed ? 'UND_ERR_SOCKET' : error.code });
    };
    webSocket.on('error', onError);
    webSocket.once('open', () => {
      webSocket.pause();
      settle({ status: 'open', webSocket });
    });
    webSocket.once('unexpected-response', (_request, response) => {
      const { statusCode = 0, headers } = response;
      void readStart(response, signal).then((body) => settle({ status: 'refused', statusCode, headers, body }));
    });
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    return undefined;
  });
}

/** Sends the request; `ws` throws where it can tell at once that this is impossible. */
function begin(socket: Socket, options: UpgradeOptions): WebSocket | (UpgradeOutcome & { status: 'impossible' }) {
  const { url, headers, subprotocols, maxMessageBytes } = options;
  try {
    const webSocket = new WebSocket(url, [...subprotocols], {
      createConnection: () => socket,
      headers,
      maxPayload: maxMessageBytes,
      perMessageDeflate: false,
      followRedirects: false,
    });
    // A tunnel leaves it paused, and Node's client then reads nothing.
    socket.resume();
    return webSocket;
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error;
    return { status: 'impossible', why: error.message };
  }
}

/** The first bytes of a body, as far as they come in time. */
async function readStart(response: IncomingMessage, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes >= MAX_BODY_BYTES) end();
  });
  for (const event of ['end', 'close', 'error']) response.on(event, end);
  signal.addEventListener('abort', () => end(), { once: true });
  if (signal.aborted) end();
  await ended;
  response.destroy();
  return Buffer.concat(chunks).toString('utf8', 0, MAX_BODY_BYTES) + (sizeBytes > MAX_BODY_BYTES ? '…' : '');
}
