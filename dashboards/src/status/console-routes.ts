import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { mayAct } from '../api/framework/add-endpoints.ts';
import type { Caller } from '../api/framework/endpoint.ts';
import type { StatusAnswer, StatusRequest } from './answer.ts';
import type { Site } from './pages/layout.ts';
import { renderWriter } from './pages/writer.ts';
import type { PostsClient, Written } from './posts-client.ts';
import { readNewPost, readUpdate } from './read-form.ts';

/** What the console's part needs. */
export interface ConsoleRoutesOptions {
  readonly base: string;
  /** Answers what is only read. */
  readonly answer: (request: StatusRequest) => Promise<StatusAnswer>;
  readonly site: () => Site;
  readonly posts: PostsClient;
  /** Says who writes; `undefined` for nobody who is known. */
  readonly identify: (request: FastifyRequest) => Caller | undefined;
  /** What readers see has changed. */
  readonly onWritten: () => Promise<void>;
  /** Unix ms. */
  readonly now: () => number;
}

const MAX_FORM_BYTES = 64 * 1_024;

/**
 * Adds the status page to the console: everything under `base` as on the public port, and `base/write` with forms that alerting takes. The
 * console refuses what pages of other sites send (`@tocsin/service/http`), so a form needs no token of its own.
 */
export function addConsoleRoutes(app: FastifyInstance, options: ConsoleRoutesOptions): void {
  const { base, answer, posts, onWritten } = options;
  // In a scope of its own: the rest of the console takes no forms.
  void app.register(async (scope) => {
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: MAX_FORM_BYTES },
      (_request, body, done) => done(null, new URLSearchParams(String(body))),
    );
    const read = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      const given = await answer({
        method: request.method,
        url: request.url,
        acceptEncoding: request.headers['accept-encoding'],
        ifNoneMatch: headerOf(request, 'if-none-match'),
      });
      return reply.code(given.status).headers(given.headers).send(given.body);
    };
    scope.get(base, read);
    scope.get(`${base}/*`, read);
    scope.get(`${base}/write`, (request, reply) => {
      const refused = refusalOf(options.identify(request));
      return refused ? sendRefused(reply, refused) : sendWriter(reply, options);
    });
    const write = (path: string, act: (id: string, form: URLSearchParams, actor: string) => Promise<Written>): void => {
      scope.post(`${base}/write${path}`, async (request, reply) => {
        const caller = options.identify(request);
        const refused = refusalOf(caller);
        if (!caller || refused) return sendRefused(reply, refused ?? NOBODY);
        const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
        const written = await act((request.params as { id?: string }).id ?? '', form, caller.name);
        if (written.status === 'failed') return sendWriter(reply, options, written.message, form);
        await onWritten();
        // Loading the page again does not send the form again.
        return reply.redirect(`${base}/write`, 303);
      });
    };
    write('', async (_id, form, actor) => {
      const { timeZone } = options.site().page;
      const read = readNewPost(form, timeZone);
      return read.status === 'ok' ? posts.create(read.post, actor) : { status: 'failed', message: read.message };
    });
    write('/:id', async (id, form, actor) => {
      const read = readUpdate(form);
      return read.status === 'ok' ? posts.update(id, read.update, actor) : { status: 'failed', message: read.message };
    });
    write('/:id/delete', (id, _form, actor) => posts.delete(id, actor));
  });
}

/** Why somebody may not write. */
interface WriteRefusal {
  readonly code: 401 | 403;
  readonly message: string;
}

const NOBODY: WriteRefusal = { code: 401, message: 'Sign in to the console first, then come back to this page.' };

function refusalOf(caller: Caller | undefined): WriteRefusal | undefined {
  if (!caller) return NOBODY;
  if (mayAct(caller.role, 'editor')) return undefined;
  return { code: 403, message: `This takes the role editor; yours is ${caller.role}.` };
}

function sendRefused(reply: FastifyReply, { code, message }: WriteRefusal): FastifyReply {
  return reply.code(code).header('cache-control', 'no-store').type('text/plain; charset=utf-8').send(message);
}

function headerOf({ headers }: FastifyRequest, name: 'if-none-match'): string | undefined {
  const value: unknown = headers[name];
  return typeof value === 'string' ? value : undefined;
}

async function sendWriter(
  reply: FastifyReply,
  { site, posts, now }: ConsoleRoutesOptions,
  fault?: string,
  form?: URLSearchParams,
): Promise<FastifyReply> {
  const shown = site();
  const body = renderWriter({ site: shown, posts: await posts.list(), fault, form, nowMs: now() });
  return reply
    .code(fault === undefined ? 200 : 422)
    .headers({
      'content-security-policy': shown.look.formPolicy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    })
    .type('text/html; charset=utf-8')
    .send(body);
}
