import type { RuleValuesOutcome } from '../../rules/chart/rule-values.ts';
import { defineEndpoint, type Endpoint, ok, refuse } from '../framework/endpoint.ts';
import { labelSet, orNothing, postedTime, shownTime } from '../v2/schemas.ts';

export interface RuleValuesOptions {
  /** @returns `undefined` where there is no such rule, or its query is too much to be asked again and again (SLOs). Unix milliseconds. */
  readonly read: (group: string, name: string, fromMs: number, toMs: number) => Promise<RuleValuesOutcome> | undefined;
}

const HOUR_MS = 3_600_000;
const LONGEST_MS = 7 * 24 * HOUR_MS;
/** Each asks ClickHouse 25 times. */
const MAX_AT_ONCE = 2;
const RETRY_AFTER_S = 2;

/** `GET /api/v1/rules/{group}/{name}/values`: what a rule's query has said, to be drawn. */
export function ruleValuesEndpoints({ read }: RuleValuesOptions): readonly Endpoint[] {
  let running = 0;
  return [
    defineEndpoint({
      method: 'GET',
      path: '/api/v1/rules/{group}/{name}/values',
      tag: 'rules',
      summary:
        'What the query of a rule has said over a time (the last hour unless said, at most seven days): 25 moments, 12 series, without its filter where that is possible.',
      role: 'viewer',
      params: (z) => z.object({ group: z.string(), name: z.string() }),
      query: (z) => z.strictObject({ from: orNothing(postedTime(z)), to: orNothing(postedTime(z)) }),
      answer: (z) =>
        z
          .object({
            threshold: z.number().nullable(),
            isUnfiltered: z.boolean(),
            isCut: z.boolean(),
            series: z.array(
              z.object({
                labels: labelSet(z),
                points: z.array(z.object({ at: shownTime(z), value: z.number().nullable() })),
              }),
            ),
          })
          .meta({ id: 'RuleValues' }),
      refusals: {
        404: 'There is no such rule, or its query is too long to be asked 25 times, as that of an SLO.',
        422: 'The time is too long, or ends before it begins.',
        429: 'Two are being read already.',
        503: 'ClickHouse does not answer.',
      },
      async handle({ params: { group, name }, query: { from, to } }, { nowMs }) {
        const toMs = Math.min(to ?? nowMs, nowMs);
        const fromMs = from ?? toMs - HOUR_MS;
        if (fromMs >= toMs || toMs - fromMs > LONGEST_MS)
          return refuse(422, 'expected a time of at most seven days, its end after its start');
        if (running >= MAX_AT_ONCE)
          return refuse(429, 'expected at most two questions of this kind at once', { retryAfterS: RETRY_AFTER_S });
        running += 1;
        try {
          const outcome = await read(group, name, fromMs, toMs);
          if (!outcome) return refuse(404, `expected a rule that can be drawn, found ${group} / ${name}`);
          if (outcome.status === 'failed') return refuse(503, outcome.message);
          const { series, threshold, ...rest } = outcome.values;
          return ok({
            ...rest,
            threshold: threshold ?? null,
            series: series.map(({ labels, points }) => ({
              labels,
              points: points.map(({ timeMs, value }) => ({
                at: new Date(timeMs).toISOString(),
                value: Number.isFinite(value) ? value : null,
              })),
            })),
          });
        } finally {
          running -= 1;
        }
      },
    }),
  ];
}
