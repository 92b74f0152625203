import type { SloStatus } from '../../slo/slo-status.ts';
import { defineEndpoint, type Endpoint, ok } from '../framework/endpoint.ts';
import { shownTime } from '../v2/schemas.ts';

/** `GET /api/v1/slos`: what is left of each error budget. */
export function sloEndpoints(status: () => Promise<readonly SloStatus[]>): readonly Endpoint[] {
  return [
    defineEndpoint({
      method: 'GET',
      path: '/api/v1/slos',
      tag: 'rules',
      summary: 'Every SLO with what was counted, what is left of its error budget, and how fast it goes.',
      role: 'viewer',
      answer: (z) =>
        z.object({
          slos: z.array(
            z
              .object({
                name: z.string(),
                target: z.number(),
                windowMs: z.number(),
                countedAt: shownTime(z),
                error: z.string().nullable(),
                good: z.number().nullable(),
                total: z.number().nullable(),
                budgetRemaining: z.number().nullable(),
                isCovered: z.boolean().nullable(),
                burnRates: z.array(z.object({ windowMs: z.number(), rate: z.number() })),
              })
              .meta({ id: 'Slo' }),
          ),
        }),
      handle: async () => ok({ slos: (await status()).map(showSlo) }),
    }),
  ];
}

function showSlo({ countedAtMs, error, good, total, budgetRemaining, isCovered, burnRates, ...slo }: SloStatus) {
  return {
    ...slo,
    countedAt: new Date(countedAtMs).toISOString(),
    error: error ?? null,
    good: good ?? null,
    total: total ?? null,
    budgetRemaining: budgetRemaining ?? null,
    isCovered: isCovered ?? null,
    burnRates: (burnRates ?? []).map(({ windowMs, rate }) => ({ windowMs, rate })),
  };
}
