import type { RuleStatus } from '../../rules/status.ts';
import { defineEndpoint, type Endpoint, ok } from '../framework/endpoint.ts';
import { choiceParameter, textParameter } from '../framework/parameters.ts';
import { labelSet, shownTime } from '../v2/schemas.ts';

const STATES = ['firing', 'pending', 'inactive'] as const;
const HEALTHS = ['ok', 'failing', 'unknown'] as const;

/** `GET /api/v1/rules`: every rule with its state and its last evaluation. */
export function ruleEndpoints(status: () => readonly RuleStatus[]): readonly Endpoint[] {
  return [
    defineEndpoint({
      method: 'GET',
      path: '/api/v1/rules',
      tag: 'rules',
      summary: 'Every rule with its state, its last evaluation and its alerts, in the order of the groups.',
      role: 'viewer',
      query: (z) =>
        z.strictObject({
          state: choiceParameter(z, STATES, 'Only rules in this state.'),
          health: choiceParameter(z, HEALTHS, 'Only rules whose last evaluation went so.'),
          group: textParameter(z, 'Only rules of the group of this name.'),
        }),
      answer: (z) =>
        z.object({
          rules: z.array(
            z
              .object({
                group: z.string(),
                file: z.string(),
                name: z.string(),
                intervalMs: z.number(),
                expression: z.string(),
                forMs: z.number(),
                keepFiringForMs: z.number(),
                state: z.enum(STATES),
                health: z.enum(HEALTHS),
                error: z.string().nullable(),
                evaluatedAt: shownTime(z).nullable(),
                missing: z.array(labelSet(z)),
                alerts: z.array(
                  z.object({
                    state: z.enum(['pending', 'firing']),
                    labels: labelSet(z),
                    value: z.number().nullable(),
                    activeAt: shownTime(z),
                  }),
                ),
              })
              .meta({ id: 'Rule' }),
          ),
        }),
      handle({ query }) {
        const rules = status()
          .map(showRule)
          .filter(({ state }) => query.state === undefined || state === query.state)
          .filter(({ health }) => query.health === undefined || health === query.health)
          .filter(({ group }) => query.group === undefined || group === query.group);
        return ok({ rules });
      },
    }),
  ];
}

function showRule({ evaluatedAtMs, missing, alerts, error, ...rule }: RuleStatus) {
  const state = alerts.some((alert) => alert.state === 'firing')
    ? 'firing'
    : alerts.length > 0
      ? 'pending'
      : 'inactive';
  return {
    ...rule,
    state: state as (typeof STATES)[number],
    error: error ?? null,
    evaluatedAt: evaluatedAtMs === undefined ? null : new Date(evaluatedAtMs).toISOString(),
    missing: [...missing],
    alerts: alerts.map(({ state: own, labels, value, activeAtMs }) => ({
      state: own,
      labels,
      value: Number.isFinite(value) ? value : null,
      activeAt: new Date(activeAtMs).toISOString(),
    })),
  };
}
