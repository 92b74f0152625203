import { metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { internalHeaders } from '@tocsin/service/internal-key';
import type * as Undici from 'undici';
import type { Agent } from 'undici';
import type { Refusal } from '../api/framework/endpoint.ts';
import type { FieldError, RefusalReason } from '../api/framework/endpoint-types.ts';
import { available, type Part, unavailable, type Unavailable } from '../part.ts';

/** A request to alerting's API (docs/alerting/api.md). */
export interface AlertingRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With its query, as `/api/v1/incidents?limit=20`; what people wrote is encoded in it. */
  readonly path: string;
  /** The path as it is counted, as `/api/v1/incidents/{id}`; default: the path without its query. */
  readonly route?: string;
  readonly body?: unknown;
  /** How long it may take; 3 s unless said. */
  readonly timeoutMs?: number;
  /** Who acts, for the audit log; what only reads needs none. */
  readonly actor?: string;
}

/** What alerting said: a value, that it is away, or why it will not. */
export type AlertingAnswer = Part<unknown> | Refusal;

/** Asks alerting. */
export interface AlertingClient {
  ask(request: AlertingRequest): Promise<AlertingAnswer>;
  /** Closes its connections. Idempotent. */
  stop(): Promise<void>;
}

const TIMEOUT_MS = 3_000;
const MAX_ANSWER_BYTES = 8 * 2 ** 20;
const CONNECTIONS = 4;
/** Says to alerting for whom the console acts; it counts with the key of Tocsin's own processes. */
export const ACTOR_HEADER = 'x-tocsin-actor';

const tracer = trace.getTracer('tocsin.dashboards');
const failures = metrics.getMeter('tocsin.dashboards').createCounter('tocsin.dashboards.alerts.failures', {
  description: "Times alerting's API gave no usable answer, by reason.",
  unit: '{failure}',
});

/**
 * Makes the client of alerting's API at `baseUrl`.
 * @param internalKey the key of Tocsin's own processes, for an API that wants a token
 */
export function createAlertingClient(baseUrl: string, internalKey?: string): AlertingClient {
  const headers = internalHeaders(internalKey);
  let dispatcher: Agent | undefined;
  return {
    ask: (request) => {
      const route = request.route ?? request.path.split('?', 1)[0] ?? '';
      return tracer.startActiveSpan(`${request.method} ${route}`, { kind: SpanKind.CLIENT }, async (span) => {
        try {
          // With the first page that somebody opens: the library takes 10 MiB.
          const undici = await import('undici');
          dispatcher ??= openAgent(undici);
          const answer = await exchange(undici, { request, baseUrl, dispatcher, headers });
          if (answer.status === 'unavailable') {
            span.setStatus({ code: SpanStatusCode.ERROR, message: answer.message });
            failures.add(1, { reason: answer.reason });
          }
          return answer;
        } finally {
          span.end();
        }
      });
    },
    stop: async () => dispatcher?.destroy(),
  };
}

function openAgent({ Agent }: typeof Undici): Agent {
  return new Agent({
    connections: CONNECTIONS,
    connect: { timeout: TIMEOUT_MS },
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
    maxResponseSize: MAX_ANSWER_BYTES,
  });
}

interface Exchange {
  readonly request: AlertingRequest;
  readonly baseUrl: string;
  readonly dispatcher: Agent;
  readonly headers: Readonly<Record<string, string>>;
}

async function exchange(
  undici: typeof Undici,
  { request, baseUrl, dispatcher, headers }: Exchange,
): Promise<AlertingAnswer> {
  const { method, path, body, actor, timeoutMs = TIMEOUT_MS } = request;
  let text: string;
  let status: number;
  try {
    const response = await undici.request(new URL(path, baseUrl), {
      dispatcher,
      method,
      headers: {
        ...headers,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(actor !== undefined && { [ACTOR_HEADER]: encodeURIComponent(actor) }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      signal: AbortSignal.timeout(timeoutMs),
    });
    status = response.statusCode;
    text = await response.body.text();
  } catch (error) {
    return describeFailure(error, undici.errors);
  }
  const value = parse(text);
  if (status >= 200 && status < 300)
    return value === undefined && text !== ''
      ? unavailable('bad_answer', 'Alerting answered with something that is not JSON.')
      : available(value);
  return readRefusal(status, value);
}

const REFUSALS: Readonly<Record<number, RefusalReason>> = {
  400: 'bad_request',
  404: 'not_found',
  409: 'conflict',
  413: 'too_large',
  422: 'not_possible',
  429: 'too_many',
};

/** What people asked for and cannot have is told in alerting's words; that it does not know the console is our trouble, not theirs. */
function readRefusal(status: number, body: unknown): AlertingAnswer {
  const reason = REFUSALS[status];
  if (reason === undefined) return unavailable('http_status', `Alerting answered with status ${status}.`);
  const { detail: ours, message: alertmanagers, errors } = isRecord(body) ? body : {};
  const detail = ours ?? alertmanagers;
  const message =
    typeof detail === 'string' ? detail : typeof body === 'string' ? body : `Alerting refused (${status}).`;
  return {
    status: 'refused',
    reason,
    message,
    ...(Array.isArray(errors) && { errors: errors.flatMap(readFieldError) }),
  };
}

function readFieldError(value: unknown): FieldError[] {
  if (!isRecord(value)) return [];
  const { field, detail } = value;
  return [{ field: typeof field === 'string' ? field : '', expected: typeof detail === 'string' ? detail : '' }];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function describeFailure(error: unknown, errors: typeof Undici.errors): Unavailable {
  if (!(error instanceof Error)) throw new Error('asking alerting failed in a way that is not known', { cause: error });
  const timedOut =
    error.name === 'TimeoutError' ||
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError ||
    error instanceof errors.ConnectTimeoutError;
  if (timedOut) return unavailable('timeout', 'Alerting did not answer in time.');
  const code = 'code' in error ? String(error.code) : '';
  if (/^E[A-Z_]+$|^UND_ERR/.test(code)) return unavailable('unreachable', `Alerting cannot be reached (${code}).`);
  throw new Error('asking alerting failed in a way that is not known', { cause: error });
}

/** Whether a value that came as JSON is an object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
