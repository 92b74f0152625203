import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isLoopback } from '../config/index.ts';

const NUMERIC_HOST = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])$/i;

/** The host of a `Host` header without its port. */
function hostName(header: string): string {
  return header.replace(/:\d+$/, '').toLowerCase();
}

/**
 * Says why a request may come from a page of another site, or `undefined` when it does not.
 *
 * A web page can make a browser on this machine send requests to a loopback port, and by DNS rebinding under a host name of its
 * own. So on a loopback listener the `Host` must be loopback (a name such as `localhost` or a numeric address), and
 * everywhere an `Origin` must be the server's own.
 */
export function foreignPageReason(
  headers: { readonly host?: string | undefined; readonly origin?: string | undefined },
  listenHost: string,
  allowedOrigins: readonly string[] = [],
): string | undefined {
  const host = headers.host ?? '';
  const name = hostName(host);
  if (isLoopback(listenHost) && !isLoopback(name.replace(/^\[|\]$/g, '')) && !NUMERIC_HOST.test(name) && name !== '')
    return `the host ${JSON.stringify(name)} is not one of this machine`;
  const { origin } = headers;
  if (origin === undefined || origin === `http://${host}` || origin === `https://${host}`) return undefined;
  if (isAllowedOrigin(origin, allowedOrigins)) return undefined;
  return `the origin ${JSON.stringify(origin)} is not this server's`;
}

/** Whether pages of this origin may send requests; `*` in the list is any origin. */
export function isAllowedOrigin(origin: string, allowedOrigins: readonly string[]): boolean {
  return allowedOrigins.includes('*') || allowedOrigins.includes(origin);
}

/** What is done about requests of other sites' pages. */
export interface ForeignPagesOptions {
  /** Origins whose pages may send requests all the same; default none. */
  readonly allowedOrigins?: readonly string[];
  /** Answers a request that is refused; by default in JSON. */
  readonly answerForeignPage?: (request: FastifyRequest, reply: FastifyReply, reason: string) => FastifyReply;
}

/** Answers 403 to every request that `foreignPageReason` objects to. */
export function refuseForeignPages(
  app: FastifyInstance,
  listenHost: string,
  { allowedOrigins, answerForeignPage = answerInJson }: ForeignPagesOptions = {},
): void {
  app.addHook('onRequest', async (request, reply) => {
    const { host, origin } = request.headers;
    const reason = foreignPageReason({ host, origin }, listenHost, allowedOrigins);
    return reason === undefined ? undefined : answerForeignPage(request, reply, reason);
  });
}

function answerInJson(_request: FastifyRequest, reply: FastifyReply, reason: string): FastifyReply {
  return reply.code(403).send({ error: `Refused: ${reason}.` });
}
