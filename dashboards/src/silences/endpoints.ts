import {
  askFor,
  asFlag,
  asList,
  asNumber,
  asObject,
  asText,
  asTexts,
  asTimeMs,
  type Read,
} from '../alerts/read-answer.ts';
import { isRecord } from '../alerts/alerting-client.ts';
import type { ApiSources } from '../api/endpoints.ts';
import { endpoint, type Endpoint, refuse } from '../api/framework/endpoint.ts';
import { listOf, momentMs, optional, text, textLike } from '../api/framework/read-input.ts';
import { parseMatcher } from '../html/matcher.ts';
import type { Matcher, Silence, SilencePreview } from './silence-types.ts';

const MAX_MATCHERS = 50;
const MAX_COMMENT = 2_000;
const STATES = ['active', 'pending', 'expired'] as const;

const asSilence: Read<Silence> = (value) => {
  const state = isRecord(value) && isRecord(value['status']) ? value['status']['state'] : undefined;
  const known = STATES.find((one) => one === state);
  const rest = asFields(value);
  return known && rest && { ...rest, state: known };
};
const asFields = asObject<Omit<Silence, 'state'>>({
  id: asText,
  matchers: asList(asObject<Matcher>({ name: asText, value: asText, isRegex: asFlag, isEqual: asFlag })),
  startsAt: asTimeMs,
  endsAt: asTimeMs,
  createdBy: asText,
  comment: asText,
});

const asPreview = asObject<SilencePreview>({
  now: asObject<SilencePreview['now']>({
    count: asNumber,
    alerts: asList(
      asObject<SilencePreview['now']['alerts'][number]>({ fingerprint: asText, labels: asTexts, startsAt: asTimeMs }),
    ),
  }),
  lastWeek: asObject<SilencePreview['lastWeek']>({
    count: asNumber,
    episodes: asNumber,
    alerts: asList(
      asObject<SilencePreview['lastWeek']['alerts'][number]>({
        fingerprint: asText,
        labels: asTexts,
        episodes: asNumber,
        lastStartsAt: asTimeMs,
      }),
    ),
  }),
});

const matchers = listOf(text(2_000), MAX_MATCHERS);

/** Silences: which there are, what one would hit, a new one, the end of one. */
export function silenceEndpoints({ alerting, now }: ApiSources): readonly Endpoint[] {
  return [
    endpoint('GET /api/v1/silences', {
      role: 'viewer',
      input: {},
      answer: () => askFor(alerting, { method: 'GET', path: '/api/v2/silences' }, asList(asSilence)),
    }),
    endpoint('POST /api/v1/silences/preview', {
      role: 'viewer',
      input: { matchers },
      answer: async (body) =>
        unreadable(body.matchers) ??
        (await askFor(alerting, { method: 'POST', path: '/api/v1/silences/preview', body }, asPreview)),
    }),
    endpoint('POST /api/v1/silences', {
      role: 'editor',
      input: { matchers, startsAt: optional(momentMs), endsAt: momentMs, comment: text(MAX_COMMENT) },
      answer: async (input, { name: actor }) => {
        const wrong = unreadable(input.matchers);
        if (wrong) return wrong;
        const body = {
          matchers: input.matchers.map(parseMatcher),
          startsAt: new Date(input.startsAt ?? now()).toISOString(),
          endsAt: new Date(input.endsAt).toISOString(),
          createdBy: actor,
          comment: input.comment,
        };
        const request = { method: 'POST', path: '/api/v2/silences', body, actor } as const;
        const answer = await askFor(alerting, request, asObject<{ silenceID: string }>({ silenceID: asText }));
        return answer.status === 'ok' ? { status: 'ok', value: { id: answer.value.silenceID } } : answer;
      },
    }),
    endpoint('POST /api/v1/silences/:id/expire', {
      role: 'editor',
      input: { id: textLike(/^[0-9a-f-]{36}$/i, 'the id of a silence') },
      answer: async ({ id }, { name: actor }) => {
        const request = {
          method: 'DELETE',
          path: `/api/v2/silence/${id}`,
          route: '/api/v2/silence/{id}',
          actor,
        } as const;
        const answer = await alerting.ask(request);
        return answer.status === 'ok' ? { status: 'ok', value: { id } } : answer;
      },
    }),
  ];
}

/** A refusal that names the matchers that are none. */
function unreadable(given: readonly string[]) {
  const wrong = given.filter((one) => !parseMatcher(one));
  if (given.length > 0 && wrong.length === 0) return undefined;
  const message =
    given.length === 0
      ? 'A silence needs at least one matcher, as severity="page".'
      : `A matcher is written as severity="page" or service=~"shop|pay": this is none: ${wrong[0]?.slice(0, 100)}`;
  return refuse('bad_request', message, [{ field: 'matchers', expected: 'matchers, as severity="page"' }]);
}
