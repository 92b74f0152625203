import { STATUS_CODES } from 'node:http';
import type { FastifyReply } from 'fastify';
import { REFUSALS } from './endpoint.ts';

/** Why a request was not carried out, by status: the word of the answer and of the metric. */
export const REASONS = {
  ...REFUSALS,
  401: 'unauthenticated',
  403: 'forbidden',
  405: 'method_not_allowed',
  413: 'too_large',
  415: 'unsupported_media_type',
} as const;
export type RefusedStatus = keyof typeof REASONS;

/** What is wrong with one part of a request. */
export interface FieldError {
  readonly in: 'path' | 'query' | 'body';
  /** As `matchers[0].name`; empty for the whole. */
  readonly field: string;
  /** A sentence that says what was expected. */
  readonly detail: string;
  /** Whether it is not there at all. */
  readonly isMissing: boolean;
}

/** A request that is not carried out. */
export interface Refusal {
  readonly status: RefusedStatus;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
  readonly retryAfterS?: number | undefined;
  /** A handler has said so, not the framework: Alertmanager has two shapes. */
  readonly isHandlers?: boolean;
}

/** go-openapi's codes beyond HTTP's, which Alertmanager's answers have: a wrong type, and something that is missing. */
const WRONG_TYPE = 601;
const MISSING = 602;

/**
 * Answers a refusal the way of the path. `/api/v2`: Alertmanager's shapes, a JSON string from a handler, `{ code, message }` from the
 * validation before it. `/-/`: plain text. Everything else: `application/problem+json` (RFC 9457).
 */
export function sendRefusal(reply: FastifyReply, path: string, refusal: Refusal): FastifyReply {
  const { status, detail, retryAfterS } = refusal;
  void reply.code(status);
  if (retryAfterS !== undefined) void reply.header('retry-after', String(retryAfterS));
  if (path.startsWith('/-/')) return reply.type('text/plain; charset=utf-8').send(`${detail}\n`);
  if (path.startsWith('/api/v2')) return sendLikeAlertmanager(reply, refusal);
  const problem = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? '',
    status,
    reason: REASONS[status],
    detail,
    ...(refusal.errors ? { errors: refusal.errors.map(showFieldError) } : {}),
  };
  return reply.type('application/problem+json').send(JSON.stringify(problem));
}

function showFieldError({ in: place, field, detail }: FieldError): object {
  return { in: place, field, detail };
}

function sendLikeAlertmanager(reply: FastifyReply, { status, detail, errors, isHandlers }: Refusal): FastifyReply {
  if (isHandlers && detail === '') return reply.send();
  void reply.type('application/json');
  if (isHandlers) return reply.send(JSON.stringify(detail));
  const code = errors === undefined ? status : errors[0]?.isMissing ? MISSING : WRONG_TYPE;
  return reply.send(JSON.stringify({ code, message: detail }));
}
