import {
  askFor,
  asFlag,
  asList,
  asNumber,
  asObject,
  asText,
  asTexts,
  asTimeMs,
  maybe,
  type Read,
} from '../alerts/read-answer.ts';
import type { ApiSources } from '../api/endpoints.ts';
import { endpoint, type Endpoint } from '../api/framework/endpoint.ts';
import { momentMs, oneOf, optional, text } from '../api/framework/read-input.ts';
import type { Delivery, Rule, RuleAlert, RuleValues } from './rule-types.ts';

const oneOfThese =
  <Word extends string>(...words: readonly Word[]): Read<Word> =>
  (value) =>
    words.find((word) => word === value);

const asRule = asObject<Rule>({
  group: asText,
  file: asText,
  name: asText,
  intervalMs: asNumber,
  expression: asText,
  forMs: asNumber,
  keepFiringForMs: asNumber,
  state: oneOfThese('firing', 'pending', 'inactive'),
  health: oneOfThese('ok', 'failing', 'unknown'),
  error: maybe(asText),
  evaluatedAt: maybe(asTimeMs),
  alerts: asList(
    asObject<RuleAlert>({
      state: oneOfThese('firing', 'pending'),
      labels: asTexts,
      value: maybe(asNumber),
      activeAt: asTimeMs,
    }),
  ),
});

const asValues = asObject<RuleValues>({
  threshold: maybe(asNumber),
  isUnfiltered: asFlag,
  isCut: asFlag,
  series: asList(
    asObject<RuleValues['series'][number]>({
      labels: asTexts,
      points: asList(
        asObject<RuleValues['series'][number]['points'][number]>({ at: asTimeMs, value: maybe(asNumber) }),
      ),
    }),
  ),
});

const asDelivery = asObject<Delivery>({
  id: asText,
  receiver: asText,
  channel: asText,
  cause: asText,
  title: asText,
  status: asText,
  attempts: asNumber,
  createdAt: asTimeMs,
  nextAttemptAt: maybe(asTimeMs),
  doneAt: maybe(asTimeMs),
  lastReason: maybe(asText),
  lastDetail: maybe(asText),
});

const asRules = asObject<{ readonly rules: readonly Rule[] }>({ rules: asList(asRule) });
const asDeliveries = asObject<{ readonly deliveries: readonly Delivery[] }>({ deliveries: asList(asDelivery) });
const SHOWN = 200;
/** Alerting asks ClickHouse for up to 4 s, and waits 2.5 s for the last answer. */
const VALUES_TIMEOUT_MS = 8_000;

/** Rules with what they say, and what became of messages. */
export function ruleEndpoints({ alerting }: ApiSources): readonly Endpoint[] {
  return [
    endpoint('GET /api/v1/rules', {
      role: 'viewer',
      input: {},
      answer: async () => {
        const answer = await askFor(alerting, { method: 'GET', path: '/api/v1/rules' }, asRules);
        return answer.status === 'ok' ? { status: 'ok', value: answer.value.rules } : answer;
      },
    }),
    endpoint('GET /api/v1/rules/:group/:name/values', {
      role: 'viewer',
      input: { group: text(300), name: text(300), from: momentMs, to: momentMs },
      answer: ({ group, name, from, to }) => {
        const query = new URLSearchParams({ from: new Date(from).toISOString(), to: new Date(to).toISOString() });
        const path = `/api/v1/rules/${encodeURIComponent(group)}/${encodeURIComponent(name)}/values?${query}`;
        const route = '/api/v1/rules/{group}/{name}/values';
        return askFor(alerting, { method: 'GET', path, route, timeoutMs: VALUES_TIMEOUT_MS }, asValues);
      },
    }),
    endpoint('GET /api/v1/deliveries', {
      role: 'viewer',
      input: { status: optional(oneOf('pending', 'delivered', 'failed', 'superseded')) },
      answer: async ({ status }) => {
        const query = new URLSearchParams({ limit: String(SHOWN), ...(status && { status }) });
        const answer = await askFor(alerting, { method: 'GET', path: `/api/v1/deliveries?${query}` }, asDeliveries);
        return answer.status === 'ok' ? { status: 'ok', value: answer.value.deliveries } : answer;
      },
    }),
  ];
}
