import { AUDIT_OUTCOMES, type AuditLog } from '../audit/audit-log.ts';
import { defineEndpoint, type Endpoint, ok } from '../framework/endpoint.ts';
import { integerParameter, limitParameter, textParameter } from '../framework/parameters.ts';
import { shownTime } from '../v2/schemas.ts';

/** `GET /api/v1/audit`: who did what. */
export function auditEndpoints(audit: Pick<AuditLog, 'list'>): readonly Endpoint[] {
  return [
    defineEndpoint({
      method: 'GET',
      path: '/api/v1/audit',
      tag: 'audit',
      summary: 'What was done through the API, the newest first; the last 90 days, at most 100,000 entries.',
      role: 'admin',
      query: (z) =>
        z.strictObject({
          limit: limitParameter(z),
          actor: textParameter(z, 'Only what the token of this name did.'),
          action: textParameter(z, 'Only this action, as `silence.save`.'),
          target: textParameter(z, 'Only what was done to the thing with this id.'),
          before: integerParameter(
            z,
            { minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
            'Only entries older than the one with this id: the last one of the page before.',
          ),
        }),
      answer: (z) =>
        z.object({
          entries: z.array(
            z
              .object({
                id: z.number(),
                at: shownTime(z),
                actor: z.string(),
                role: z.string(),
                action: z.string(),
                target: z.string(),
                outcome: z.enum(AUDIT_OUTCOMES),
                note: z.string(),
              })
              .meta({ id: 'AuditEntry' }),
          ),
        }),
      handle: ({ query }) =>
        ok({
          entries: audit.list(query).map(({ atMs, ...entry }) => ({ ...entry, at: new Date(atMs).toISOString() })),
        }),
    }),
  ];
}
