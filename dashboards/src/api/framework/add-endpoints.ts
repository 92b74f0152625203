import { metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Logger } from '@tocsin/service/log';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Answer, Caller, Endpoint } from './endpoint.ts';
import { refuse } from './endpoint.ts';
import type { ErrorBody, RefusalReason, Role } from './endpoint-types.ts';

/** A request that changes something carries this header: no form and no picture of another site can send it. */
export const CHANGE_HEADER = 'x-tocsin-console';

/** What adding endpoints takes. */
export interface EndpointOptions {
  /** Says who asks; `undefined` for nobody who is known. */
  readonly identify: (request: FastifyRequest) => Caller | undefined;
  readonly log: Logger;
}

const STATUS: Readonly<Record<RefusalReason, number>> = {
  bad_request: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  not_possible: 422,
  too_many: 429,
};
const RANK: Readonly<Record<Role, number>> = { viewer: 0, editor: 1, admin: 2 };

const tracer = trace.getTracer('tocsin.dashboards');
const requests = metrics.getMeter('tocsin.dashboards').createCounter('tocsin.dashboards.requests', {
  description: 'Requests to the console, by route and status code.',
  unit: '{request}',
});

/** Adds the endpoints to a server: who asks, what for, then the answer as JSON, with a span and a count. */
export function addEndpoints(app: FastifyInstance, endpoints: readonly Endpoint[], options: EndpointOptions): void {
  for (const one of endpoints) {
    const [method = '', route = ''] = one.key.split(' ');
    app.route({
      method,
      url: route,
      handler: async (request, reply) => {
        const answer = await observed(method, route, () => answerRequest(one, request, options));
        return send(reply, answer);
      },
    });
  }
}

async function answerRequest(
  one: Endpoint,
  request: FastifyRequest,
  { identify, log }: EndpointOptions,
): Promise<Answer<unknown>> {
  const caller = identify(request);
  if (!caller) return refuse('unauthenticated', 'Sign in first.');
  if (!mayAct(caller.role, one.role))
    return refuse('forbidden', `This takes the role ${one.role}; yours is ${caller.role}.`);
  const changes = request.method !== 'GET';
  if (changes && !caller.isProgram && request.headers[CHANGE_HEADER] === undefined)
    return refuse('forbidden', `A request that changes something carries the header ${CHANGE_HEADER}.`);
  const given = changes ? (request.body ?? {}) : request.query;
  if (typeof given !== 'object' || Array.isArray(given)) return refuse('bad_request', 'The body is no JSON object.');
  try {
    return await one.answer({ ...given, ...(request.params as object) }, caller);
  } catch (error) {
    log.error({ err: error, endpoint: one.key }, 'an endpoint failed');
    throw error;
  }
}

/** Whether who has a role may do what takes another. */
export function mayAct(role: Role, needed: Role): boolean {
  return RANK[role] >= RANK[needed];
}

/** Runs what answers in a span of its own and counts it. */
async function observed(
  method: string,
  route: string,
  answer: () => Promise<Answer<unknown>>,
): Promise<Answer<unknown>> {
  const attributes = { 'http.route': route, 'http.request.method': method };
  return tracer.startActiveSpan(`${method} ${route}`, { kind: SpanKind.SERVER, attributes }, async (span) => {
    let status = 500;
    try {
      const given = await answer();
      status = statusOf(given);
      return given;
    } finally {
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.setAttribute('http.response.status_code', status);
      requests.add(1, { 'http.route': route, 'http.response.status_code': status });
      span.end();
    }
  });
}

function statusOf(answer: Answer<unknown>): number {
  return answer.status === 'ok' ? 200 : answer.status === 'unavailable' ? 503 : STATUS[answer.reason];
}

/** Sends an answer as JSON that nobody keeps. */
export function send(reply: FastifyReply, answer: Answer<unknown>): FastifyReply {
  const body = answer.status === 'ok' ? answer.value : (answer satisfies ErrorBody);
  return reply
    .code(statusOf(answer))
    .header('cache-control', 'no-store')
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(body ?? null));
}
