import { randomUUID } from 'node:crypto';
import type { Database } from '../store/database.ts';
import {
  findFault,
  type Impact,
  isFinal,
  type Post,
  type PostFacts,
  type PostKind,
  type PostStatus,
  type PostUpdate,
  statusesOf,
} from './post.ts';

/** A new post with its first update. */
export interface NewPost extends PostFacts {
  readonly kind: PostKind;
  readonly status: PostStatus;
  readonly text: string;
}

/** Why it cannot be. `detail` is a sentence that says what was expected. */
export interface PostRefusal {
  readonly status: 'refused';
  readonly reason: 'unknown_post' | 'bad_post' | 'limit_reached';
  readonly detail: string;
}
export type PostOutcome = { readonly status: 'ok'; readonly post: Post } | PostRefusal;

/** What is written for the status page. */
export interface PostStore {
  /** Those that are not over, and those that ended after a time; the latest start first. */
  list(query: { readonly endedAfterMs: number; readonly kind?: PostKind | undefined; readonly limit: number }): Post[];
  find(id: string): Post | undefined;
  create(post: NewPost, actor: string, nowMs: number): PostOutcome;
  /** Changes what the post says of itself; its updates stay. */
  change(id: string, facts: Partial<PostFacts>, nowMs: number): PostOutcome;
  addUpdate(
    id: string,
    update: { readonly status: PostStatus; readonly text: string },
    actor: string,
    nowMs: number,
  ): PostOutcome;
  delete(id: string): PostOutcome;
  /** Forgets those that have been over for two years. @returns how many */
  forgetOld(nowMs: number): number;
}

/** Posts that are not over, all posts, and updates of one. */
const MAX_OPEN = 100;
const MAX_POSTS = 10_000;
const MAX_UPDATES = 200;
const RETENTION_MS = 2 * 365 * 86_400_000;

const LIST = `SELECT * FROM status_posts
  WHERE (ended_at_ms IS NULL OR ended_at_ms > ?) AND (? IS NULL OR kind = ?) ORDER BY starts_at_ms DESC, seq DESC LIMIT ?`;
const FIND = 'SELECT * FROM status_posts WHERE id = ?';
const UPDATES = 'SELECT * FROM status_post_updates WHERE post_id = ? ORDER BY seq';
const COUNT = 'SELECT count(*) AS posts, count(*) FILTER (WHERE ended_at_ms IS NULL) AS open FROM status_posts';
const CREATE = `INSERT INTO status_posts
  (id, kind, title, monitors, impact, starts_at_ms, ends_at_ms, status, ended_at_ms, created_by, created_at_ms, updated_at_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const CHANGE = `UPDATE status_posts
  SET title = ?, monitors = ?, impact = ?, starts_at_ms = ?, ends_at_ms = ?, updated_at_ms = ? WHERE id = ?`;
const ADD_UPDATE = 'INSERT INTO status_post_updates (post_id, at_ms, status, text, actor) VALUES (?, ?, ?, ?, ?)';
const MOVE = 'UPDATE status_posts SET status = ?, ended_at_ms = ?, updated_at_ms = ? WHERE id = ?';
const DELETE = 'DELETE FROM status_posts WHERE id = ?';
const FORGET = 'DELETE FROM status_posts WHERE ended_at_ms <= ?';

/**
 * Keeps the tables `status_posts` and `status_post_updates`.
 * @param chosen names of the monitors that are on the page now
 */
export function createPostStore(
  database: Database,
  chosen: () => ReadonlySet<string>,
  newId: () => string = randomUUID,
): PostStore {
  const read = (row: Row): Post => readPost(row, database.prepare(UPDATES).all(String(row['id'])));
  const find = (id: string): Post | undefined => {
    const row = database.prepare(FIND).get(id);
    return row && read(row);
  };
  const found = (id: string): PostOutcome => {
    const post = find(id);
    return post ? { status: 'ok', post } : refuse('unknown_post', `expected the id of a post, found ${id}`);
  };
  const findFull = (): PostRefusal | undefined => {
    const { posts, open } = database.prepare(COUNT).get() ?? {};
    if (Number(open) >= MAX_OPEN)
      return refuse('limit_reached', `expected at most ${MAX_OPEN} posts that are not over`);
    return Number(posts) >= MAX_POSTS ? refuse('limit_reached', `expected at most ${MAX_POSTS} posts`) : undefined;
  };
  const write = (id: string, { status, text }: Pick<PostUpdate, 'status' | 'text'>, actor: string, nowMs: number) =>
    database.prepare(ADD_UPDATE).run(id, nowMs, status, text, actor);

  return {
    list: ({ endedAfterMs, kind = null, limit }) =>
      database.prepare(LIST).all(endedAfterMs, kind, kind, limit).map(read),
    find,
    create(post, actor, nowMs) {
      const fault = findStatusFault(post.kind, post.status) ?? findFault(post.kind, post, chosen(), nowMs);
      if (fault !== undefined) return refuse('bad_post', fault);
      const full = findFull();
      if (full) return full;
      const id = newId();
      const { kind, title, monitors, impact, startsAtMs, endsAtMs, status } = post;
      const ended = isFinal(status) ? nowMs : null;
      const facts = [kind, title, JSON.stringify(monitors), impact, startsAtMs, endsAtMs ?? null] as const;
      database.transaction(() => {
        database.prepare(CREATE).run(id, ...facts, status, ended, actor, nowMs, nowMs);
        write(id, post, actor, nowMs);
      });
      return found(id);
    },
    change(id, given, nowMs) {
      const post = find(id);
      if (!post) return found(id);
      const facts = { ...post, ...given };
      // A monitor that was chosen when the post was written may have gone since.
      const known = given.monitors ? chosen() : new Set(post.monitors);
      const fault = findFault(post.kind, facts, known, given.startsAtMs === undefined ? post.startsAtMs : nowMs);
      if (fault !== undefined) return refuse('bad_post', fault);
      const { title, monitors, impact, startsAtMs, endsAtMs } = facts;
      database.prepare(CHANGE).run(title, JSON.stringify(monitors), impact, startsAtMs, endsAtMs ?? null, nowMs, id);
      return found(id);
    },
    addUpdate(id, update, actor, nowMs) {
      const post = find(id);
      if (!post) return found(id);
      const fault = findStatusFault(post.kind, update.status);
      if (fault !== undefined) return refuse('bad_post', fault);
      if (post.updates.length >= MAX_UPDATES)
        return refuse('limit_reached', `expected at most ${MAX_UPDATES} updates of a post`);
      const endedAtMs = isFinal(update.status) ? (post.endedAtMs ?? nowMs) : null;
      database.transaction(() => {
        write(id, update, actor, nowMs);
        database.prepare(MOVE).run(update.status, endedAtMs, nowMs, id);
      });
      return found(id);
    },
    delete(id) {
      const outcome = found(id);
      if (outcome.status === 'ok') database.prepare(DELETE).run(id);
      return outcome;
    },
    forgetOld: (nowMs) => Number(database.prepare(FORGET).run(nowMs - RETENTION_MS).changes),
  };
}

function findStatusFault(kind: PostKind, status: PostStatus): string | undefined {
  const statuses = statusesOf(kind);
  return statuses.includes(status) ? undefined : `expected one of ${statuses.join(', ')} for ${kind}, found ${status}`;
}

function refuse(reason: PostRefusal['reason'], detail: string): PostRefusal {
  return { status: 'refused', reason, detail };
}

type Row = Readonly<Record<string, unknown>>;

function readPost(row: Row, updates: readonly Row[]): Post {
  const orNothing = (value: unknown): number | undefined => (value === null ? undefined : Number(value));
  return {
    id: String(row['id']),
    kind: row['kind'] as PostKind,
    title: String(row['title']),
    monitors: JSON.parse(String(row['monitors'])) as string[],
    impact: row['impact'] as Impact,
    startsAtMs: Number(row['starts_at_ms']),
    endsAtMs: orNothing(row['ends_at_ms']),
    status: row['status'] as PostStatus,
    endedAtMs: orNothing(row['ended_at_ms']),
    createdBy: String(row['created_by']),
    createdAtMs: Number(row['created_at_ms']),
    updatedAtMs: Number(row['updated_at_ms']),
    updates: updates.map((update) => ({
      atMs: Number(update['at_ms']),
      status: update['status'] as PostStatus,
      text: String(update['text']),
      actor: String(update['actor']),
    })),
  };
}
