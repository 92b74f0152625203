import type { FastifyReply } from 'fastify';
import { encodeStatus, type Encoding, type RpcStatus, statusAsJson } from '../status.ts';

const MEDIA_TYPES: Readonly<Record<Encoding, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};

/** What a request is answered with. */
export interface HttpAnswer {
  readonly httpStatus: number;
  /** The request's own encoding; `undefined`, which answers in JSON, where it has none that is known. */
  readonly encoding: Encoding | undefined;
  /** The error; without it the answer is an `Export…ServiceResponse`. */
  readonly error?: RpcStatus;
  /** The body of an `Export…ServiceResponse` that is not empty. */
  readonly body?: Buffer | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Reads the header `Content-Type`, in any case and with parameters. @returns `undefined` for what is not OTLP */
export function readEncoding(contentType: string | undefined): Encoding | undefined {
  const mediaType = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType === MEDIA_TYPES.protobuf) return 'protobuf';
  return mediaType === MEDIA_TYPES.json ? 'json' : undefined;
}

/** The media type and the body of an answer. */
export function writeAnswer({ encoding = 'json', error, body }: HttpAnswer): {
  mediaType: string;
  body: Buffer | string;
} {
  const mediaType = MEDIA_TYPES[encoding];
  if (encoding === 'protobuf') return { mediaType, body: error ? encodeStatus(error) : (body ?? Buffer.alloc(0)) };
  return { mediaType, body: error ? statusAsJson(error) : (body ?? '{}') };
}

/** Sends an answer, with `Retry-After` in whole seconds where the error says when to come back. */
export function sendAnswer(reply: FastifyReply, answer: HttpAnswer): FastifyReply {
  const { mediaType, body } = writeAnswer(answer);
  const { httpStatus, headers = {}, error } = answer;
  if (error?.retryAfterMs !== undefined) reply.header('retry-after', String(Math.ceil(error.retryAfterMs / 1000)));
  return reply.code(httpStatus).headers(headers).header('content-type', mediaType).send(body);
}
