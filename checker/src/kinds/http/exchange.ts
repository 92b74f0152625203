import type { Socket } from 'node:net';
import type { IncomingHttpHeaders } from 'node:http';
import { Client, type Dispatcher } from 'undici';
import type { HttpRequest } from './request.ts';

/** Response headers larger than this are a protocol error. */
export const MAX_HEADER_BYTES = 64 * 2 ** 10;

export interface Answer {
  readonly statusCode: number;
  readonly headers: IncomingHttpHeaders;
  /** The body as it came (perhaps compressed), at most `maxBodyBytes` of it. */
  readonly body: Buffer;
  /** True where the body was longer and the rest was not read. */
  readonly truncated: boolean;
}

export type ExchangeOutcome =
  | { readonly status: 'answered'; readonly answer: Answer }
  /** `code` is undici's, llhttp's or the system's. */
  | { readonly status: 'failed'; readonly code: string }
  | { readonly status: 'aborted' };

export interface ExchangeOptions {
  readonly signal: AbortSignal;
  /** A body is read up to here; the connection is cut there. */
  readonly maxBodyBytes: number;
  /** Set where a proxy forwards the request: it wants the whole URL. */
  readonly proxy?: { readonly authorization: string | undefined } | undefined;
  /** Called once, when the first byte of the response is there. */
  readonly onFirstByte: () => void;
  /** Whether the body of a response with these is read; else the connection is cut after its headers. */
  readonly wantsBody: (statusCode: number, headers: IncomingHttpHeaders) => boolean;
}

/**
 * Sends one HTTP/1.1 request over a connection that is open already and reads the response. The connection is closed
 * afterwards, however it went.
 */
export function exchange(socket: Socket, request: HttpRequest, options: ExchangeOptions): Promise<ExchangeOutcome> {
  const client = createClient(socket, request.url);
  return settleOnce(options.signal, (settle) => {
    const { url, method, headers, body } = request;
    const { proxy } = options;
    const path = url.pathname + url.search;
    const credentials = proxy?.authorization === undefined ? {} : { 'proxy-authorization': proxy.authorization };
    client.dispatch(
      {
        path: proxy === undefined ? path : url.origin + path,
        method,
        headers: { ...headers, ...credentials },
        body: body ?? null,
        reset: true,
      },
      createHandler(options, settle),
    );
  }).finally(() => {
    void client.destroy(FINISHED).catch(() => {});
    socket.destroy();
  });
}

/** Waits for the first outcome; once the signal aborts that is `aborted`, and where it has already, nothing is begun. */
export function settleOnce(
  signal: AbortSignal,
  begin: (settle: (outcome: ExchangeOutcome) => void) => void,
): Promise<ExchangeOutcome> {
  return new Promise((resolve) => {
    const settle = (outcome: ExchangeOutcome): void => {
      signal.removeEventListener('abort', onAbort);
      resolve(outcome);
    };
    const onAbort = (): void => settle({ status: 'aborted' });
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    else begin(settle);
  });
}

/** Nobody sees it; without one undici makes its own at each run, with a stack, which was 6 % of a checker's CPU time. */
const FINISHED = new Error('the run has ended');

/** A client whose only connection is the one given; the run's own limit is the only timeout. */
function createClient(socket: Socket, url: URL): Client {
  return new Client(url.origin, {
    // Later, because undici does not go on with its queue when called back at once.
    connect: (_options, callback) => queueMicrotask(() => callback(null, socket)),
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: MAX_HEADER_BYTES,
    allowH2: false,
  });
}

/** Collects the response and settles once, at its end, at its limit or at the error that ended it. */
function createHandler(
  { onFirstByte, wantsBody, maxBodyBytes }: ExchangeOptions,
  settle: (outcome: ExchangeOutcome) => void,
): Dispatcher.DispatchHandler {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  let started = false;
  let head: Pick<Answer, 'statusCode' | 'headers'> | undefined;
  const finish = (truncated: boolean): void => {
    if (!head) return;
    const body = Buffer.concat(chunks).subarray(0, maxBodyBytes);
    settle({ status: 'answered', answer: { ...head, body, truncated } });
  };
  return {
    onRequestStart() {},
    onResponseStarted() {
      if (!started) onFirstByte();
      started = true;
    },
    onResponseStart(_controller, statusCode, headers) {
      if (statusCode < 200) return;
      head = { statusCode, headers };
      if (!wantsBody(statusCode, headers)) finish(true);
    },
    onResponseData(_controller, chunk) {
      sizeBytes += chunk.length;
      chunks.push(chunk);
      if (sizeBytes > maxBodyBytes) finish(true);
    },
    onResponseEnd() {
      finish(false);
    },
    onResponseError(_controller, error) {
      settle({ status: 'failed', code: codeOf(error) });
    },
  };
}

function codeOf(error: Error & { code?: string; cause?: unknown }): string {
  const { cause } = error;
  if (error.code === 'UND_ERR_SOCKET' && cause instanceof Error && 'code' in cause) return String(cause.code);
  // The parser has no codes, but says in brackets what it missed.
  const missed = error.name === 'HTTPParserError' ? /\((.+)\)$/.exec(error.message)?.[1] : undefined;
  return error.code ?? missed ?? error.name;
}
