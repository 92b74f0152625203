import type { AlertingAnswer, AlertingClient } from '../alerts/alerting-client.ts';
import { available, type Part, unavailable } from '../part.ts';
import { type Post, type PostStatus, readPosts } from './posts.ts';

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

/** Reads and writes what alerting keeps for the status page (`/api/v1/status-posts`); who writes is in its audit log. */
export interface PostsClient {
  list(): Promise<Part<readonly Post[]>>;
  create(post: NewPost, actor: string): Promise<Written>;
  update(id: string, update: { readonly status: PostStatus; readonly text: string }, actor: string): Promise<Written>;
  delete(id: string, actor: string): Promise<Written>;
}

const PATH = '/api/v1/status-posts';

/** Makes the client over that of alerting's API. */
export function createPostsClient(alerting: Pick<AlertingClient, 'ask'>): PostsClient {
  const one = (id: string): string => `${PATH}/${encodeURIComponent(id)}`;
  return {
    async list() {
      const answer = await alerting.ask({ method: 'GET', path: PATH });
      if (answer.status === 'refused') return unavailable('http_status', answer.message);
      if (answer.status !== 'ok') return answer;
      const posts = readPosts(answer.value);
      return posts
        ? available(posts)
        : unavailable('bad_answer', 'Alerting answered with something that is not a list of posts.');
    },
    create: async (body, actor) => toWritten(await alerting.ask({ method: 'POST', path: PATH, body, actor })),
    update: async (id, body, actor) => {
      const route = `${PATH}/{id}/updates`;
      return toWritten(await alerting.ask({ method: 'POST', path: `${one(id)}/updates`, route, body, actor }));
    },
    delete: async (id, actor) =>
      toWritten(await alerting.ask({ method: 'DELETE', path: one(id), route: `${PATH}/{id}`, actor })),
  };
}

function toWritten(answer: AlertingAnswer): Written {
  if (answer.status === 'ok') return { status: 'ok' };
  if (answer.status === 'unavailable')
    return { status: 'failed', message: `Alerting, which keeps it, did not take it. ${answer.message}` };
  const fields = (answer.errors ?? []).map(({ field, expected }) => [field, expected].filter(Boolean).join(': '));
  return { status: 'failed', message: [answer.message, ...fields].join('; ') };
}
