import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isLoopback } from '../config/index.ts';

const NUMERIC_HOST = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])$/i;

/** As much of a request as says where it comes from. */
export interface RequestOrigin {
  readonly method?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** What a server knows of the pages that may ask it. */
export interface PageRules {
  /** Where the server listens. */
  readonly listenHost: string;
  /** The URL under which people reach it, as through a proxy: its host and origin are the server's own, and every other name is foreign. */
  readonly publicUrl?: string | undefined;
  /** Further names under which programs reach it, as that of a service in a cluster: with `publicUrl` they are its own too. */
  readonly hosts?: readonly string[] | undefined;
  /** Origins whose pages may send requests all the same; default none. */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Whether people come to its own pages by links of other sites (e-mail in a browser, a wiki); default not. */
  readonly takesVisitors?: boolean | undefined;
}

/** The host of a `Host` header without its port. */
function hostName(header: string): string {
  return header.replace(/:\d+$/, '').toLowerCase();
}

/**
 * Says why a request may come from a page of another site, or `undefined` when it does not.
 *
 * A web page can make a browser on this machine send requests to a loopback port, and by DNS rebinding under a host name of its
 * own. So on a loopback listener, and on one whose name is known, the `Host` must be that name, loopback or a numeric address, and
 * everywhere an `Origin` must be the server's own. Pictures, scripts and frames are asked for without an `Origin`: there
 * `Sec-Fetch-Site` tells, which no page can write (Fetch Metadata, "Sec-Fetch-Site"). Clients that are no browsers send neither.
 */
export function foreignPageReason({ method, headers }: RequestOrigin, rules: PageRules): string | undefined {
  const { listenHost, publicUrl, hosts = [], allowedOrigins = [], takesVisitors = false } = rules;
  const known = publicUrl === undefined ? undefined : new URL(publicUrl);
  const host = valueOf(headers, 'host') ?? '';
  const name = hostName(host);
  const isOwnName =
    name === '' ||
    name === known?.hostname ||
    hosts.some((own) => own.toLowerCase() === name) ||
    isLoopback(name.replace(/^\[|\]$/g, ''));
  if ((known || isLoopback(listenHost)) && !isOwnName && !NUMERIC_HOST.test(name))
    return `the host ${JSON.stringify(name)} is not ${known ? "this server's" : 'one of this machine'}`;
  const origin = valueOf(headers, 'origin');
  if (origin !== undefined && isAllowedOrigin(origin, allowedOrigins)) return undefined;
  const site = valueOf(headers, 'sec-fetch-site');
  // A form of one's own page under `Referrer-Policy: no-referrer` has the origin `null`.
  const isOwn =
    origin === `http://${host}` ||
    origin === `https://${host}` ||
    (known !== undefined && origin === known.origin) ||
    (origin === 'null' && site === 'same-origin');
  if (origin !== undefined && !isOwn) return `the origin ${JSON.stringify(origin)} is not this server's`;
  // `none`: somebody has typed the address.
  if (site === undefined || site === 'same-origin' || site === 'none') return undefined;
  if (takesVisitors && isVisit(method, headers)) return undefined;
  return `a page of another site asks (${site})`;
}

/** A link that was followed: it only reads, and its answer fills a window, not a frame of the other page. */
function isVisit(method: string | undefined, headers: RequestOrigin['headers']): boolean {
  const reads = method === 'GET' || method === 'HEAD';
  return (
    reads && valueOf(headers, 'sec-fetch-mode') === 'navigate' && valueOf(headers, 'sec-fetch-dest') === 'document'
  );
}

/** Several headers of one name count as one that nobody allows. */
function valueOf(headers: RequestOrigin['headers'], name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'object' ? value.join(', ') : value;
}

/** Whether pages of this origin may send requests; `*` in the list is any origin. */
export function isAllowedOrigin(origin: string, allowedOrigins: readonly string[]): boolean {
  return allowedOrigins.includes('*') || allowedOrigins.includes(origin);
}

/** What is done about requests of other sites' pages. */
export interface ForeignPagesOptions extends Omit<PageRules, 'listenHost'> {
  /** Answers a request that is refused; by default in JSON. */
  readonly answerForeignPage?: (request: FastifyRequest, reply: FastifyReply, reason: string) => FastifyReply;
}

/** Answers 403 to every request that `foreignPageReason` objects to. */
export function refuseForeignPages(
  app: FastifyInstance,
  listenHost: string,
  { answerForeignPage = answerInJson, ...rules }: ForeignPagesOptions = {},
): void {
  app.addHook('onRequest', async (request, reply) => {
    const reason = foreignPageReason(request, { ...rules, listenHost });
    return reason === undefined ? undefined : answerForeignPage(request, reply, reason);
  });
}

function answerInJson(_request: FastifyRequest, reply: FastifyReply, reason: string): FastifyReply {
  return reply.code(403).send({ error: `Refused: ${reason}.` });
}
