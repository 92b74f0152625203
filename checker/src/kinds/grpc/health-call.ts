import { connect as connectHttp2, constants, type IncomingHttpHeaders } from 'node:http2';
import type { Socket } from 'node:net';
import { safelyDecode } from '../../secrets/readings.ts';

/** What a call of `grpc.health.v1.Health/Check` came to. */
export type HealthAnswer =
  | {
      readonly status: 'answered';
      readonly grpcStatus: number;
      readonly message: string;
      readonly serving: number | undefined;
    }
  /** HTTP, but not gRPC. */
  | { readonly status: 'not_grpc'; readonly httpStatus: number; readonly contentType: string }
  | { readonly status: 'failed'; readonly code: string }
  | { readonly status: 'aborted' };

export interface HealthCall {
  readonly service: string;
  readonly authority: string;
  readonly scheme: 'http' | 'https';
  readonly metadata: Readonly<Record<string, string>>;
  readonly traceparent: string;
  /** Of the whole run: the deadline that the server is told. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** An answer of this protocol has a handful of bytes. */
const MAX_BYTES = 64 * 1024;

/**
 * Asks a server for its health over a connection that is open. The message is small enough to be written by hand, and so each phase is
 * one we see. Source: gRPC over HTTP/2, "Protocol"; GRPC Health Checking Protocol.
 */
export function checkHealth(socket: Socket, call: HealthCall): Promise<HealthAnswer> {
  return new Promise((resolve) => {
    const session = connectHttp2(`${call.scheme}://${call.authority}`, { createConnection: () => socket });
    const settle = (answer: HealthAnswer): void => {
      call.signal.removeEventListener('abort', onAbort);
      session.destroy();
      socket.destroy();
      resolve(answer);
    };
    const fail = (error: NodeJS.ErrnoException): void =>
      settle({ status: 'failed', code: error.code ?? error.message });
    const onAbort = (): void => settle({ status: 'aborted' });
    call.signal.addEventListener('abort', onAbort, { once: true });
    if (call.signal.aborted) return onAbort();
    session.on('error', fail);
    session.on('close', () => fail(Object.assign(new Error('closed'), { code: 'UND_ERR_SOCKET' })));
    const stream = session.request({
      ...call.metadata,
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: '/grpc.health.v1.Health/Check',
      [constants.HTTP2_HEADER_AUTHORITY]: call.authority,
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-timeout': `${Math.min(99_999_999, Math.ceil(call.timeoutMs))}m`,
      traceparent: call.traceparent,
    });
    const chunks: Buffer[] = [];
    let headers: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders = {};
    stream.on('error', fail);
    stream.on('response', (received) => (headers = received));
    stream.on('trailers', (received) => (trailers = received));
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if (chunks.reduce((sum, { length }) => sum + length, 0) > MAX_BYTES)
        settle({ status: 'failed', code: 'a message of more than 64 KiB' });
    });
    stream.on('end', () => settle(readAnswer(headers, trailers, Buffer.concat(chunks))));
    stream.end(encodeRequest(call.service));
    return undefined;
  });
}

/** A length-prefixed `HealthCheckRequest { string service = 1; }`. */
function encodeRequest(service: string): Buffer {
  const name = Buffer.from(service);
  const length: number[] = [];
  for (let rest = name.length; rest > 0 || length.length === 0; rest >>>= 7)
    length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
  const message = name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a, ...length]), name]);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

function readAnswer(headers: IncomingHttpHeaders, trailers: IncomingHttpHeaders, body: Buffer): HealthAnswer {
  const contentType = String(headers['content-type'] ?? '');
  const httpStatus = Number(headers[':status'] ?? 0);
  const code = trailers['grpc-status'] ?? headers['grpc-status'];
  if (code === undefined || httpStatus !== 200) {
    return httpStatus === 0
      ? { status: 'failed', code: 'UND_ERR_SOCKET' }
      : { status: 'not_grpc', httpStatus, contentType };
  }
  // Percent-encoded. Source: gRPC over HTTP/2, "Responses".
  const message = safelyDecode(String(trailers['grpc-message'] ?? headers['grpc-message'] ?? ''));
  return { status: 'answered', grpcStatus: Number(code), message, serving: readServing(body) };
}

/** `HealthCheckResponse { ServingStatus status = 1; }`; an absent field is 0. @returns `undefined` for bytes that are none */
function readServing(body: Buffer): number | undefined {
  if (body.length < 5 || body[0] !== 0 || body.length < 5 + body.readUInt32BE(1)) return undefined;
  const message = body.subarray(5, 5 + body.readUInt32BE(1));
  if (message.length === 0) return 0;
  return message[0] === 0x08 && message.length >= 2 ? message[1] : undefined;
}
