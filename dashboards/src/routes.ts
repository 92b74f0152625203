import { metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Logger } from '@tocsin/service/log';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { html } from './html/html.ts';
import type { MonitorPage } from './overview/monitor-page.ts';
import type { Overview } from './overview/overview.ts';
import { renderHome } from './pages/home.ts';
import { renderPage } from './pages/layout.ts';
import { renderMonitor } from './pages/monitor.ts';
import { CONTENT_SECURITY_POLICY, ICON } from './pages/style.ts';
import { renderTrace } from './pages/trace.ts';
import type { Part } from './part.ts';
import { readTraceId, type TraceView } from './trace/load-trace.ts';

/** What the routes need. */
export interface RouteSources {
  readonly overview: (nowMs: number) => Promise<Overview>;
  readonly monitor: (name: string, nowMs: number) => Promise<Part<MonitorPage | undefined>>;
  readonly trace: (traceId: string) => Promise<Part<TraceView | undefined>>;
  /** Unix ms. */
  readonly now: () => number;
  readonly log: Logger;
}

/** What a route says. */
interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly cacheControl?: string;
}

const tracer = trace.getTracer('tocsin.dashboards');
const requests = metrics.getMeter('tocsin.dashboards').createCounter('tocsin.dashboards.requests', {
  description: 'Requests to the console, by route and status code.',
  unit: '{request}',
});

/** Adds the console's pages and API to a server. */
export function addRoutes(app: FastifyInstance, sources: RouteSources): void {
  const { now, log } = sources;
  const get = (route: string, answer: (request: FastifyRequest) => Answer | Promise<Answer>): void => {
    app.get(route, async (request, reply) => send(reply, await observed(route, () => answer(request))));
  };
  get('/', async () => page(200, renderHome(await sources.overview(now()))));
  get('/api/v1/overview', async () => json(await sources.overview(now())));
  get('/monitor/:name', (request) => answerMonitor((request.params as { name: string }).name, sources));
  get('/api/v1/monitors/:name', async (request) => {
    const part = await sources.monitor((request.params as { name: string }).name, now());
    if (part.status !== 'ok') return json(part, 503);
    return part.value
      ? json(part.value)
      : json({ status: 'not_found', message: 'No monitor of this name is configured.' }, 404);
  });
  get('/trace/:id', (request) => answerTrace((request.params as { id: string }).id, sources));
  get('/favicon.svg', () => ({
    status: 200,
    contentType: 'image/svg+xml',
    body: ICON,
    cacheControl: 'public, max-age=86400',
  }));
  app.setNotFoundHandler((request, reply) => {
    requests.add(1, { 'http.route': '(none)', 'http.response.status_code': 404 });
    return send(reply, message(404, 'Nothing here', `There is no page at ${request.url}.`, now()));
  });
  app.setErrorHandler((error, request, reply) => {
    const status = statusOf(error);
    if (status >= 500) log.error({ err: error, route: request.routeOptions.url }, 'a request failed');
    const text = status >= 500 ? 'The log of the console says more.' : 'The request cannot be understood.';
    return send(reply, message(status, 'This did not work', text, now()));
  });
}

async function answerMonitor(name: string, { monitor: load, now }: RouteSources): Promise<Answer> {
  const part = await load(name, now());
  if (part.status !== 'ok') return message(503, 'The monitor cannot be seen', part.message, now());
  if (!part.value) return message(404, 'No such monitor', `No monitor is configured with the name ${name}.`, now());
  return page(200, renderMonitor(part.value));
}

async function answerTrace(id: string, { trace: load, now }: RouteSources): Promise<Answer> {
  const traceId = readTraceId(id);
  if (traceId === undefined) {
    return message(400, 'Not a trace id', 'A trace id is 32 hexadecimal digits.', now());
  }
  const part = await load(traceId);
  const status = part.status !== 'ok' ? 503 : part.value ? 200 : 404;
  return page(status, renderTrace(part, traceId, now()));
}

/** Makes an answer in a span of its own and counts it. */
function observed(route: string, answer: () => Answer | Promise<Answer>): Promise<Answer> {
  const attributes = { 'http.route': route, 'http.request.method': 'GET' };
  return tracer.startActiveSpan(`GET ${route}`, { kind: SpanKind.SERVER, attributes }, async (span) => {
    let status = 500;
    try {
      const given = await answer();
      status = given.status;
      return given;
    } finally {
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.setAttribute('http.response.status_code', status);
      requests.add(1, { 'http.route': route, 'http.response.status_code': status });
      span.end();
    }
  });
}

function statusOf(error: unknown): number {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' && status >= 400 && status < 600 ? status : 500;
}

/** Sends an answer with the headers that keep it from running, being framed, guessed at or cached. */
function send(reply: FastifyReply, { status, contentType, body, cacheControl = 'no-store' }: Answer): FastifyReply {
  return reply
    .code(status)
    .headers({
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': cacheControl,
    })
    .type(contentType)
    .send(body);
}

function page(status: number, body: string): Answer {
  return { status, contentType: 'text/html; charset=utf-8', body };
}

function json(value: unknown, status = 200): Answer {
  return { status, contentType: 'application/json; charset=utf-8', body: JSON.stringify(value) };
}

function message(status: number, title: string, text: string, nowMs: number): Answer {
  const body = html`<section>
    <h1>${title}</h1>
    <p><bdi>${text}</bdi></p>
    <p><a href="/">Overview</a></p>
  </section>`;
  return page(status, renderPage({ title: `${title} · Tocsin`, body, atMs: nowMs }));
}
