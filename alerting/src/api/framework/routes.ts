import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '@tocsin/service/log';
import type { AuditEntry, AuditLog } from '../audit/audit-log.ts';
import type { Caller } from '../access/gate.ts';
import { mayAct } from '../access/roles.ts';
import type { Database } from '../../store/database.ts';
import { type Call, type Endpoint, METHODS, type Outcome } from './endpoint.ts';
import { type Refusal, REASONS, sendRefusal } from './refusal.ts';
import { validate } from './validate.ts';

/** What routes need beside their declarations. */
export interface RouteOptions {
  readonly endpoints: readonly Endpoint[];
  /** Who sends a request, or `undefined` where nobody may who does not say. */
  readonly identify: (request: Pick<FastifyRequest, 'headers'>) => Caller | undefined;
  readonly database: Database;
  readonly audit: Pick<AuditLog, 'record'>;
  readonly log: Logger;
  /** Told of every answer of an endpoint. */
  readonly count: (endpoint: Endpoint, status: number) => void;
  readonly now: () => number;
}

const BODY_LIMIT_BYTES = 2 ** 20;
/** Of bodies that nobody reads. */
const IGNORED_BODY_LIMIT_BYTES = 64 * 2 ** 10;

/** Makes fastify's routes from declarations, with everything that is the same for all of them. */
export function addRoutes(app: FastifyInstance, options: RouteOptions): void {
  app.removeContentTypeParser('text/plain');
  app.addHook('preParsing', async (request, reply) => {
    const coding = request.headers['content-encoding'];
    if (coding === undefined || coding === 'identity') return;
    sendRefusal(reply, pathOf(request), {
      status: 415,
      detail: `content-encoding: expected none, found ${JSON.stringify(coding)}`,
    });
  });
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const refusal = refusalOf(error);
    if (refusal.status === 500) options.log.error({ err: error, url: pathOf(request) }, 'a request to the API failed');
    return sendRefusal(reply, pathOf(request), refusal);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = pathOf(request);
    const allowed = methodsAt(options.endpoints, path);
    if (allowed.length === 0) return sendRefusal(reply, path, { status: 404, detail: `path ${path} was not found` });
    void reply.header('allow', allowed.join(', '));
    const detail = `method ${request.method} is not allowed, but [${allowed.join(',')}] are`;
    return sendRefusal(reply, path, { status: 405, detail });
  });
  // Who takes no body does not care what it is.
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: IGNORED_BODY_LIMIT_BYTES },
      (_request, _body, done) => done(null, undefined),
    );
    for (const endpoint of options.endpoints) if (!endpoint.body) addRoute(scope, endpoint, options);
  });
  for (const endpoint of options.endpoints) if (endpoint.body) addRoute(app, endpoint, options);
}

function addRoute(app: FastifyInstance, endpoint: Endpoint, options: RouteOptions): void {
  const callers = new WeakMap<FastifyRequest, Caller>();
  app.route({
    method: endpoint.method,
    url: endpoint.path.replaceAll(/\{(\w+)\}/g, ':$1'),
    bodyLimit: endpoint.bodyLimitBytes ?? BODY_LIMIT_BYTES,
    onRequest: async (request, reply) => {
      const caller = options.identify(request);
      if (caller && mayAct(caller.role, endpoint.role)) return void callers.set(request, caller);
      if (endpoint.role === 'anyone') return undefined;
      return refuseCaller(reply, endpoint, caller, options);
    },
    onResponse: async (_request, reply) => options.count(endpoint, reply.statusCode),
    handler: async (request, reply) => {
      const caller = callers.get(request) ?? NOBODY;
      const call = { ...caller, nowMs: options.now() };
      const checked = validate(endpoint, request);
      if (checked.status === 'invalid') {
        const [first] = checked.errors;
        const status = endpoint.path.startsWith('/api/v2') ? 422 : 400;
        record(options, endpoint, call, { outcome: 'refused', note: first?.detail });
        return sendRefusal(reply, endpoint.path, { status, detail: first?.detail ?? '', errors: checked.errors });
      }
      return answer(reply, endpoint, await perform(endpoint, checked.input, call, options));
    },
  });
}

const NOBODY: Caller = { actor: 'anonymous', role: 'viewer' };

function refuseCaller(
  reply: FastifyReply,
  endpoint: Endpoint,
  caller: Caller | undefined,
  options: RouteOptions,
): FastifyReply {
  if (!caller) {
    void reply.header('www-authenticate', ['Bearer realm="tocsin"', 'Basic realm="tocsin", charset="UTF-8"']);
    const detail = 'expected a token: Authorization: Bearer TOKEN, or Basic with the token as the password';
    return sendRefusal(reply, endpoint.path, { status: 401, detail });
  }
  const detail = `expected a token with the role ${String(endpoint.role)}, found ${caller.actor} with the role ${caller.role}`;
  record(options, endpoint, { ...caller, nowMs: options.now() }, { outcome: 'refused', note: detail });
  return sendRefusal(reply, endpoint.path, { status: 403, detail });
}

/** What is done at once and the entry of the audit log are one transaction: both are kept or neither is. */
async function perform(
  endpoint: Endpoint,
  input: Parameters<Endpoint['handle']>[0],
  call: Call,
  options: RouteOptions,
): Promise<Outcome<unknown>> {
  if (endpoint.action === undefined) return endpoint.handle(input, call);
  try {
    const { pending } = options.database.transaction(() => {
      const pending = endpoint.handle(input, call);
      if (!(pending instanceof Promise)) recordOutcome(options, endpoint, call, pending);
      return { pending };
    });
    if (!(pending instanceof Promise)) return pending;
    const outcome = await pending;
    recordOutcome(options, endpoint, call, outcome);
    return outcome;
  } catch (error) {
    record(options, endpoint, call, { outcome: 'failed' });
    throw error;
  }
}

function recordOutcome(options: RouteOptions, endpoint: Endpoint, call: Call, outcome: Outcome<unknown>): void {
  const { target, note } = outcome;
  const refusal = outcome.status === 'refused' ? outcome.detail : undefined;
  record(options, endpoint, call, { outcome: outcome.status, target, note: note ?? refusal });
}

function record(
  { audit }: RouteOptions,
  { action }: Endpoint,
  { actor, role, nowMs }: Call,
  entry: Pick<AuditEntry, 'outcome'> & { readonly target?: string | undefined; readonly note?: string | undefined },
): void {
  if (action !== undefined) audit.record({ atMs: nowMs, actor, role, action, target: '', note: '', ...given(entry) });
}

/** Without the keys that have no value. */
function given<Entry extends object>(entry: Entry): { [Key in keyof Entry]: Exclude<Entry[Key], undefined> } {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined)) as never;
}

function answer(reply: FastifyReply, endpoint: Endpoint, outcome: Outcome<unknown>): FastifyReply {
  if (outcome.status === 'refused') {
    const { code: status, detail, retryAfterS } = outcome;
    return sendRefusal(reply, endpoint.path, { status, detail, retryAfterS, isHandlers: true });
  }
  void reply.code(endpoint.answerStatus ?? 200);
  if (!endpoint.answer) return reply.send();
  const { answerType = 'application/json' } = endpoint;
  return answerType === 'application/json'
    ? reply.type(answerType).send(JSON.stringify(outcome.body))
    : reply.type(`${answerType}; charset=utf-8`).send(outcome.body);
}

/** The refusal that an error of fastify's stands for; 500 without details for every other one. */
function refusalOf(error: FastifyError): Refusal {
  const status = error.statusCode ?? 500;
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return { status: 415, detail: 'expected the content type application/json' };
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return { status: 413, detail: 'expected a smaller body' };
  if (error.code === 'FST_ERR_CTP_EMPTY_JSON_BODY')
    return { status: 400, detail: 'body: expected JSON, found nothing' };
  if (error instanceof SyntaxError || error.code === 'FST_ERR_CTP_INVALID_JSON_BODY')
    return { status: 400, detail: `body: expected JSON, found what cannot be read as such (${error.message})` };
  if (status < 500 && status in REASONS) return { status: status as Refusal['status'], detail: error.message };
  return { status: 500, detail: 'an error of ours; the log has it' };
}

/** The path without the query. */
export function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '';
}

function methodsAt(endpoints: readonly Endpoint[], path: string): string[] {
  const found = new Set(endpoints.filter((endpoint) => patternOf(endpoint).test(path)).map(({ method }) => method));
  return METHODS.filter((method) => found.has(method)).flatMap((method) =>
    method === 'GET' ? ['GET', 'HEAD'] : [method],
  );
}

function patternOf({ path }: Endpoint): RegExp {
  const literal = path.replaceAll(/[.]/g, '\\.').replaceAll(/\{\w+\}/g, '[^/]+');
  return new RegExp(`^${literal}$`);
}
