import { type ClientHttp2Session, type ClientHttp2Stream, connect, type IncomingHttpHeaders } from 'node:http2';
import type { Socket } from 'node:net';
import { type Answer, type ExchangeOptions, type ExchangeOutcome, MAX_HEADER_BYTES, settleOnce } from './exchange.ts';
import type { HttpRequest } from './request.ts';

/**
 * Sends one HTTP/2 request over a connection that is open already (and on which the target agreed to HTTP/2) and reads the response. The
 * connection is closed afterwards, however it went.
 */
export function exchangeHttp2(
  socket: Socket,
  request: HttpRequest,
  options: ExchangeOptions,
): Promise<ExchangeOutcome> {
  const session = connect(request.url.origin, {
    createConnection: () => socket,
    settings: { enablePush: false, maxHeaderListSize: MAX_HEADER_BYTES },
  });
  // Stays: what comes after the exchange is settled must not crash us.
  session.on('error', () => {});
  return settleOnce(options.signal, (settle) => {
    session.on('error', (error) => settle({ status: 'failed', code: codeOf(error) }));
    // As undici calls a connection that ends too soon.
    session.on('close', () => settle({ status: 'failed', code: 'UND_ERR_SOCKET' }));
    const stream = openStream(session, request);
    if (stream.status === 'failed') settle(stream);
    else collect(stream.stream, options, settle);
  }).finally(() => {
    session.destroy();
    socket.destroy();
  });
}

type OpenedStream =
  { readonly status: 'open'; readonly stream: ClientHttp2Stream } | (ExchangeOutcome & { status: 'failed' });

function openStream(session: ClientHttp2Session, { url, method, headers, body }: HttpRequest): OpenedStream {
  const { host, ...rest } = headers;
  try {
    const stream = session.request(
      {
        ...rest,
        ':method': method,
        ':scheme': url.protocol.slice(0, -1),
        ':authority': host ?? url.host,
        ':path': url.pathname + url.search,
        ...(body === undefined ? {} : { 'content-length': String(body.length) }),
      },
      { endStream: body === undefined },
    );
    if (body !== undefined) stream.end(body);
    return { status: 'open', stream };
  } catch (error) {
    // A header that HTTP/2 does not allow.
    if (!(error instanceof TypeError && 'code' in error)) throw error;
    return { status: 'failed', code: 'UND_ERR_INVALID_ARG' };
  }
}

/** Collects the response and settles once, at its end, at its limit or at the error that ended it. */
function collect(
  stream: ClientHttp2Stream,
  { onFirstByte, wantsBody, maxBodyBytes }: ExchangeOptions,
  settle: (outcome: ExchangeOutcome) => void,
): void {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  let started = false;
  let head: Pick<Answer, 'statusCode' | 'headers'> | undefined;
  const begin = (): void => {
    if (!started) onFirstByte();
    started = true;
  };
  const finish = (truncated: boolean): void => {
    if (!head) return settle({ status: 'failed', code: 'UND_ERR_SOCKET' });
    const body = Buffer.concat(chunks).subarray(0, maxBodyBytes);
    return settle({ status: 'answered', answer: { ...head, body, truncated } });
  };
  stream.on('headers', begin);
  stream.on('response', (received) => {
    begin();
    const statusCode = Number(received[':status']);
    head = { statusCode, headers: withoutPseudoHeaders(received) };
    if (!wantsBody(statusCode, head.headers)) finish(true);
  });
  stream.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length;
    chunks.push(chunk);
    if (sizeBytes > maxBodyBytes) finish(true);
  });
  stream.on('error', (error) => settle({ status: 'failed', code: codeOf(error) }));
  stream.on('end', () => {
    // A reset without an error code ends the stream as well; the whole response came where its length says so.
    if (stream.rstCode === 0 && !stream.aborted) finish(false);
    else settle({ status: 'failed', code: 'ECONNRESET' });
  });
  stream.on('aborted', () => settle({ status: 'failed', code: 'ECONNRESET' }));
  stream.on('close', () => settle({ status: 'failed', code: 'UND_ERR_SOCKET' }));
}

function withoutPseudoHeaders(received: IncomingHttpHeaders): Answer['headers'] {
  return Object.fromEntries(Object.entries(received).filter(([name]) => !name.startsWith(':')));
}

function codeOf(error: NodeJS.ErrnoException): string {
  return error.code ?? error.name;
}
