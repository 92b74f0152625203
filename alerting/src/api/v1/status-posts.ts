import {
  type Impact,
  IMPACTS,
  INCIDENT_STATUSES,
  KINDS,
  MAINTENANCE_STATUSES,
  type Post,
  type PostFacts,
  STATUSES,
} from '../../status-posts/post.ts';
import type { PostOutcome, PostRefusal, PostStore } from '../../status-posts/post-store.ts';
import { defineEndpoint, type Endpoint, ok, refuse } from '../framework/endpoint.ts';
import { choiceParameter, integerParameter, limitParameter } from '../framework/parameters.ts';
import { sharedSchema, type Zod } from '../framework/zod.ts';
import { orNothing, postedTime, requiredTime, shownTime } from '../v2/schemas.ts';

const MAX_TITLE = 200;
const MAX_TEXT = 5_000;
const MAX_MONITORS = 200;
const DAY_MS = 86_400_000;

const shownPost = sharedSchema((z) =>
  z
    .object({
      id: z.string(),
      kind: z.enum(KINDS),
      title: z.string(),
      monitors: z.array(z.string()),
      impact: z.enum([...IMPACTS, 'maintenance']),
      status: z.enum(STATUSES),
      startsAt: shownTime(z),
      endsAt: shownTime(z).nullable(),
      endedAt: shownTime(z).nullable(),
      createdBy: z.string(),
      createdAt: shownTime(z),
      updatedAt: shownTime(z),
      updates: z.array(z.object({ at: shownTime(z), status: z.enum(STATUSES), text: z.string(), actor: z.string() })),
    })
    .meta({ id: 'StatusPost' }),
);

const idParameter = sharedSchema((z) => z.object({ id: z.string() }));
const title = (z: Zod) => z.string().trim().min(1).max(MAX_TITLE);
const text = (z: Zod) => z.string().trim().min(1).max(MAX_TEXT);
const monitors = (z: Zod) => z.array(z.string()).max(MAX_MONITORS);

const REFUSALS = {
  404: 'There is no such post.',
  422: 'It makes no sense: a monitor that is not on the page, an end before the start, a status of the other kind.',
  429: 'There are too many posts, or updates of this one.',
};

/** `/api/v1/status-posts`: incidents and announced maintenance, as readers of the status page see them. */
export function statusPostEndpoints(posts: PostStore): readonly Endpoint[] {
  return [...readEndpoints(posts), ...writeEndpoints(posts), ...changeEndpoints(posts)];
}

function readEndpoints(posts: PostStore): readonly Endpoint[] {
  return [
    defineEndpoint({
      method: 'GET',
      path: '/api/v1/status-posts',
      tag: 'status page',
      summary: 'Incidents and maintenance for the status page: those that go on, and those that ended lately.',
      role: 'viewer',
      query: (z) =>
        z.strictObject({
          kind: choiceParameter(z, KINDS, 'Only those of this kind.'),
          days: integerParameter(
            z,
            { minimum: 0, maximum: 730, fallback: 90 },
            'Also those that ended so many days ago or less.',
          ),
          limit: limitParameter(z),
        }),
      answer: (z) => z.object({ posts: z.array(shownPost(z)) }),
      handle: ({ query: { kind, days = 90, limit } }, { nowMs }) =>
        ok({ posts: posts.list({ endedAfterMs: nowMs - days * DAY_MS, kind, limit }).map(showPost) }),
    }),
    defineEndpoint({
      method: 'GET',
      path: '/api/v1/status-posts/{id}',
      tag: 'status page',
      summary: 'One of them.',
      role: 'viewer',
      params: idParameter,
      answer: shownPost,
      refusals: { 404: REFUSALS[404] },
      handle({ params: { id } }) {
        const post = posts.find(id);
        return post ? ok(showPost(post)) : refuse(404, `expected the id of a post, found ${id}`);
      },
    }),
  ];
}

function writeEndpoints(posts: PostStore): readonly Endpoint[] {
  return [
    defineEndpoint({
      method: 'POST',
      path: '/api/v1/status-posts',
      tag: 'status page',
      summary: 'Tells readers of the status page of an incident, or announces maintenance.',
      role: 'responder',
      action: 'status_post.create',
      body: (z) =>
        z.discriminatedUnion('kind', [
          z.strictObject({
            kind: z.literal('incident'),
            title: title(z),
            text: text(z),
            monitors: monitors(z).default([]),
            impact: z.enum(IMPACTS).default('none'),
            status: z.enum(INCIDENT_STATUSES).default('investigating'),
            startsAt: orNothing(postedTime(z)).meta({ description: 'Now where nothing is said.' }),
          }),
          z.strictObject({
            kind: z.literal('maintenance'),
            title: title(z),
            text: text(z),
            monitors: monitors(z).default([]),
            status: z.enum(MAINTENANCE_STATUSES).default('scheduled'),
            startsAt: requiredTime(z),
            endsAt: requiredTime(z),
          }),
        ]),
      answer: shownPost,
      answerStatus: 201,
      refusals: { 422: REFUSALS[422], 429: REFUSALS[429] },
      handle({ body }, { actor, nowMs }) {
        const { startsAt, ...rest } = body;
        const facts = { startsAtMs: startsAt ?? nowMs, endsAtMs: 'endsAt' in body ? body.endsAt : undefined };
        const impact: Impact = 'impact' in body ? body.impact : 'maintenance';
        return answerPost(posts.create({ ...rest, ...facts, impact }, actor, nowMs));
      },
    }),
    defineEndpoint({
      method: 'POST',
      path: '/api/v1/status-posts/{id}/updates',
      tag: 'status page',
      summary:
        'Tells readers more. resolved, completed and cancelled end it; another status after these opens it again.',
      role: 'responder',
      action: 'status_post.update',
      params: idParameter,
      body: (z) => z.strictObject({ status: z.enum(STATUSES), text: text(z) }),
      answer: shownPost,
      answerStatus: 201,
      refusals: REFUSALS,
      handle: ({ params: { id }, body }, { actor, nowMs }) => answerPost(posts.addUpdate(id, body, actor, nowMs)),
    }),
  ];
}

function changeEndpoints(posts: PostStore): readonly Endpoint[] {
  return [
    defineEndpoint({
      method: 'PATCH',
      path: '/api/v1/status-posts/{id}',
      tag: 'status page',
      summary: 'Changes the title, what is affected, or the times; what was told stays.',
      role: 'responder',
      action: 'status_post.change',
      params: idParameter,
      body: (z) =>
        z.strictObject({
          title: title(z).optional(),
          monitors: monitors(z).optional(),
          impact: z.enum(IMPACTS).optional(),
          startsAt: orNothing(postedTime(z)),
          endsAt: orNothing(postedTime(z)),
        }),
      answer: shownPost,
      refusals: REFUSALS,
      handle({ params: { id }, body: { startsAt: startsAtMs, endsAt: endsAtMs, ...rest } }, { nowMs }) {
        const given = Object.entries({ ...rest, startsAtMs, endsAtMs }).filter(([, value]) => value !== undefined);
        return answerPost(posts.change(id, Object.fromEntries(given) as Partial<PostFacts>, nowMs));
      },
    }),
    defineEndpoint({
      method: 'DELETE',
      path: '/api/v1/status-posts/{id}',
      tag: 'status page',
      summary: 'Takes it from the page with all its updates.',
      role: 'responder',
      action: 'status_post.delete',
      params: idParameter,
      answer: shownPost,
      refusals: { 404: REFUSALS[404] },
      handle: ({ params: { id } }) => answerPost(posts.delete(id)),
    }),
  ];
}

const CODES = { unknown_post: 404, bad_post: 422, limit_reached: 429 } as const satisfies Record<
  PostRefusal['reason'],
  number
>;

function answerPost(outcome: PostOutcome) {
  if (outcome.status === 'refused') return refuse(CODES[outcome.reason], outcome.detail);
  const { post } = outcome;
  return ok(showPost(post), { target: post.id, note: `${post.kind}, ${post.status}: ${post.title}` });
}

const iso = (timeMs: number): string => new Date(timeMs).toISOString();
const isoOrNull = (timeMs: number | undefined): string | null => (timeMs === undefined ? null : iso(timeMs));

function showPost(post: Post) {
  const { startsAtMs, endsAtMs, endedAtMs, createdAtMs, updatedAtMs, updates, ...rest } = post;
  return {
    ...rest,
    startsAt: iso(startsAtMs),
    endsAt: isoOrNull(endsAtMs),
    endedAt: isoOrNull(endedAtMs),
    createdAt: iso(createdAtMs),
    updatedAt: iso(updatedAtMs),
    updates: updates.map(({ atMs, ...update }) => ({ ...update, at: iso(atMs) })),
  };
}
