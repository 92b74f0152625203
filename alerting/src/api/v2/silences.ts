import type { Matcher } from '@tocsin/service/config';
import { formatMatcher } from '../../notify/matchers.ts';
import { type Silence, SilenceError, silenceState } from '../../silences/silence.ts';
import type { SilenceStore } from '../../silences/silence-store.ts';
import type { LabelSet } from '../../alert.ts';
import { defineEndpoint, type Endpoint, ok, type Outcome, refuse } from '../framework/endpoint.ts';
import { flagParameter, listParameter } from '../framework/parameters.ts';
import { jsonArray, JsonPieces, pagesOf } from '../framework/portions.ts';
import type { Zod } from '../framework/zod.ts';
import { readMatchers } from './filters.ts';
import { type GettableSilence, gettableSilence, postableSilence, type PostedMatcher } from './schemas.ts';
import type { SilenceAnnotations } from './silence-annotations.ts';

/** Where silences are. */
export interface SilenceEndpointOptions {
  readonly silences: Pick<SilenceStore, 'find' | 'list' | 'save' | 'expire'>;
  readonly annotations: SilenceAnnotations;
}

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const silenceId = (z: Zod) => z.object({ silenceID: z.string().regex(UUID, 'a UUID') });

/** Alertmanager's `/api/v2/silences` and `/api/v2/silence/{silenceID}`. */
export function silenceEndpoints(options: SilenceEndpointOptions): readonly Endpoint[] {
  return [listSilences(options), saveSilence(options), getSilence(options), expireSilence(options)];
}

function listSilences({ silences, annotations }: SilenceEndpointOptions): Endpoint {
  return defineEndpoint({
    method: 'GET',
    path: '/api/v2/silences',
    tag: 'silences',
    summary: 'Silences: active ones first (the next to end), then those ahead, then expired ones.',
    role: 'viewer',
    query: (z) =>
      z.object({
        filter: listParameter(z, 'Matchers that a silence has to have, each exactly as it is written there.'),
        active: flagParameter(z, true, 'Active ones.'),
        pending: flagParameter(z, true, 'Those that begin later.'),
        expired: flagParameter(z, true, 'Expired ones.'),
      }),
    answer: (z) => z.array(gettableSilence(z)),
    isLarge: true,
    refusals: { 400: 'A filter cannot be read.', 503: 'As many large answers are under way as may.' },
    handle({ query }, { nowMs }) {
      const filter = readMatchers('filter', query.filter);
      if (filter.status === 'invalid') return refuse(400, filter.detail);
      const wanted = silences
        .list()
        .map((silence) => ({ silence, state: silenceState(silence, nowMs) }))
        .filter(({ state }) => query[state])
        .filter(({ silence }) => filter.value.every((one) => silence.matchers.some((other) => isSame(one, other))));
      const notes = annotations.all();
      const pages = pagesOf(wanted.sort(inOrder));
      return ok(
        new JsonPieces(jsonArray(pages, ({ silence }) => showSilence(silence, notes.get(silence.id) ?? {}, nowMs))),
      );
    },
  });
}

function saveSilence({ silences, annotations }: SilenceEndpointOptions): Endpoint {
  return defineEndpoint({
    method: 'POST',
    path: '/api/v2/silences',
    tag: 'silences',
    summary: 'Makes a silence, or changes the one with the id that is given.',
    role: 'responder',
    action: 'silence.save',
    body: (z) => postableSilence(z),
    answer: (z) => z.object({ silenceID: z.string() }),
    refusals: { 400: 'Such a silence cannot be.', 404: 'There is no silence with this id.' },
    handle({ body }, { nowMs }) {
      const { id, startsAt, endsAt, createdBy, comment } = body;
      const request = {
        ...(id === undefined ? {} : { id }),
        matchers: body.matchers.map(toMatcher),
        startsAtMs: startsAt,
        endsAtMs: endsAt,
        createdBy,
        comment,
      };
      return refusingSilences(() => {
        const saved = silences.save(request, nowMs);
        annotations.save(saved.id, body.annotations ?? {});
        const until = new Date(saved.endsAtMs).toISOString();
        const note = `${saved.matchers.map(formatMatcher).join(', ')} until ${until}, by ${createdBy}`;
        return ok({ silenceID: saved.id }, { target: saved.id, note });
      }, id);
    },
  });
}

function getSilence({ silences, annotations }: SilenceEndpointOptions): Endpoint {
  return defineEndpoint({
    method: 'GET',
    path: '/api/v2/silence/{silenceID}',
    tag: 'silences',
    summary: 'One silence.',
    role: 'viewer',
    params: silenceId,
    answer: (z) => gettableSilence(z),
    refusals: { 404: 'There is no silence with this id.' },
    handle({ params }, { nowMs }) {
      const silence = silences.find(params.silenceID.toLowerCase());
      return silence ? ok(showSilence(silence, annotations.find(silence.id), nowMs)) : refuse(404, '');
    },
  });
}

function expireSilence({ silences }: SilenceEndpointOptions): Endpoint {
  return defineEndpoint({
    method: 'DELETE',
    path: '/api/v2/silence/{silenceID}',
    tag: 'silences',
    summary: 'Ends a silence now; it is kept for 120 hours.',
    role: 'responder',
    action: 'silence.expire',
    params: silenceId,
    refusals: { 404: 'There is no silence with this id.' },
    handle({ params }, { nowMs }) {
      const id = params.silenceID.toLowerCase();
      if (!silences.find(id)) return refuse(404, '', { target: id });
      silences.expire(id, nowMs);
      return ok(undefined, { target: id });
    },
  });
}

function refusingSilences<Answer>(save: () => Outcome<Answer>, target: string | undefined): Outcome<Answer> {
  try {
    return save();
  } catch (error) {
    if (!(error instanceof SilenceError)) throw error;
    return refuse(error.code === 'TOCSIN_ALERTING_SILENCE_NOT_FOUND' ? 404 : 400, error.message, { target });
  }
}

/** A matcher of the API as one of ours. */
export function toMatcher({ name, value, isRegex, isEqual }: PostedMatcher): Matcher {
  const equal = isEqual ?? true;
  return { name, value, op: isRegex ? (equal ? '=~' : '!~') : equal ? '=' : '!=' };
}

function showSilence(silence: Silence, annotations: LabelSet, nowMs: number): GettableSilence {
  const time = (timeMs: number): string => new Date(timeMs).toISOString();
  return {
    id: silence.id,
    status: { state: silenceState(silence, nowMs) },
    updatedAt: time(silence.updatedAtMs),
    matchers: silence.matchers.map(({ name, op, value }) => ({
      name,
      value,
      isRegex: op === '=~' || op === '!~',
      isEqual: op === '=' || op === '=~',
    })),
    startsAt: time(silence.startsAtMs),
    endsAt: time(silence.endsAtMs),
    createdBy: silence.createdBy,
    comment: silence.comment,
    annotations,
  };
}

const isSame = (a: Matcher, b: Matcher): boolean => a.name === b.name && a.op === b.op && a.value === b.value;

const STATES = ['active', 'pending', 'expired'] as const;

interface Listed {
  readonly silence: Silence;
  readonly state: (typeof STATES)[number];
}

/** Source: Alertmanager, `SortSilences`. */
function inOrder({ silence: a, state }: Listed, { silence: b, state: stateB }: Listed): number {
  if (state !== stateB) return STATES.indexOf(state) - STATES.indexOf(stateB);
  if (state === 'pending') return a.startsAtMs - b.startsAtMs;
  return state === 'active' ? a.endsAtMs - b.endsAtMs : b.endsAtMs - a.endsAtMs;
}
