import type * as Undici from 'undici';
import type { Agent } from 'undici';
import { internalHeaders } from '@tocsin/service/internal-key';
import { available, type Part, unavailable } from '../part.ts';
import { parsePosts, type Post, type PostStatus } from './posts.ts';

/** A new post, as alerting's API takes it. Times in ISO 8601. */
export interface NewPost {
  readonly kind: 'incident' | 'maintenance';
  readonly title: string;
  readonly text: string;
  readonly monitors: readonly string[];
  readonly impact?: string;
  readonly status?: string;
  readonly startsAt?: string;
  readonly endsAt?: string;
}

/** What became of something that was written; `message` is a sentence for people. */
export type Written = { readonly status: 'ok' } | { readonly status: 'failed'; readonly message: string };

/** Reads and writes what alerting keeps for the status page (`/api/v1/status-posts`). */
export interface PostsClient {
  list(): Promise<Part<readonly Post[]>>;
  create(post: NewPost): Promise<Written>;
  update(id: string, update: { readonly status: PostStatus; readonly text: string }): Promise<Written>;
  delete(id: string): Promise<Written>;
  /** Closes its connections. Idempotent. */
  stop(): Promise<void>;
}

const PATH = '/api/v1/status-posts';
const TIMEOUT_MS = 2_500;
const MAX_ANSWER_BYTES = 8 * 2 ** 20;

/** What alerting said. */
type Said = { readonly status: 'ok'; readonly code: number; readonly body: string } | { readonly status: 'away' };

/** Makes the client of alerting at `baseUrl`. @param internalKey the key of Tocsin's own processes */
export function createPostsClient(baseUrl: string, internalKey?: string): PostsClient {
  let dispatcher: Agent | undefined;
  const ask = async (method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Said> => {
    // With the first reader: the library takes 10 MiB.
    const undici = await import('undici');
    dispatcher ??= openAgent(undici);
    const headers = {
      ...internalHeaders(internalKey),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    try {
      const response = await undici.request(new URL(path, baseUrl), {
        method,
        headers,
        dispatcher,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return { status: 'ok', code: response.statusCode, body: await response.body.text() };
    } catch (error) {
      if (isAway(error)) return { status: 'away' };
      throw new Error('asking alerting failed in a way that is not known', { cause: error });
    }
  };
  const write = async (method: 'POST' | 'DELETE', path: string, body?: unknown): Promise<Written> => {
    const said = await ask(method, path, body);
    if (said.status === 'away') return { status: 'failed', message: 'Alerting, which keeps it, cannot be reached.' };
    return said.code < 300 ? { status: 'ok' } : { status: 'failed', message: readDetail(said.body) };
  };
  return {
    async list() {
      const said = await ask('GET', PATH);
      if (said.status === 'away') return unavailable('unreachable', 'Alerting cannot be reached.');
      if (said.code !== 200) return unavailable('http_status', `Alerting answered with status ${said.code}.`);
      const posts = parsePosts(said.body);
      return posts
        ? available(posts)
        : unavailable('bad_answer', 'Alerting answered with something that is not a list of posts.');
    },
    create: (post) => write('POST', PATH, post),
    update: (id, update) => write('POST', `${PATH}/${encodeURIComponent(id)}/updates`, update),
    delete: (id) => write('DELETE', `${PATH}/${encodeURIComponent(id)}`),
    stop: async () => dispatcher?.destroy(),
  };
}

function openAgent({ Agent }: typeof Undici): Agent {
  return new Agent({
    connections: 2,
    connect: { timeout: TIMEOUT_MS },
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
    maxResponseSize: MAX_ANSWER_BYTES,
  });
}

function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return error.name === 'TimeoutError' || /^E[A-Z_]+$|^UND_ERR/.test(code);
}

/** The sentence of a problem (RFC 9457), with what is wrong in which field. */
function readDetail(body: string): string {
  let problem: unknown;
  try {
    problem = JSON.parse(body);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const { detail, errors } = (typeof problem === 'object' && problem !== null ? problem : {}) as {
    readonly detail?: unknown;
    readonly errors?: unknown;
  };
  const fields = (Array.isArray(errors) ? errors : []).map((entry: unknown) => {
    const { field, detail: words } = entry as Readonly<Record<string, unknown>>;
    return [field, words].filter((part) => typeof part === 'string' && part !== '').join(': ');
  });
  const sentences = [detail, ...fields].filter((part) => typeof part === 'string' && part !== '');
  return sentences.length === 0 ? 'Alerting did not take it.' : sentences.join('; ');
}
