import { DELIVERY_STATUSES, listDeliveries } from '../../outbox/delivery-log.ts';
import type { Database } from '../../store/database.ts';
import { defineEndpoint, type Endpoint, ok } from '../framework/endpoint.ts';
import { choiceParameter, limitParameter, textParameter } from '../framework/parameters.ts';
import { shownTime } from '../v2/schemas.ts';

/** `GET /api/v1/deliveries`: what became of every notification. */
export function deliveryEndpoints(database: Database): readonly Endpoint[] {
  return [
    defineEndpoint({
      method: 'GET',
      path: '/api/v1/deliveries',
      tag: 'deliveries',
      summary: 'Notifications that were and are to be sent, the newest first.',
      role: 'viewer',
      query: (z) =>
        z.strictObject({
          limit: limitParameter(z),
          status: choiceParameter(z, DELIVERY_STATUSES, 'Only those in this state.'),
          receiver: textParameter(z, 'Only those to the receiver of this name.'),
        }),
      answer: (z) =>
        z.object({
          deliveries: z.array(
            z
              .object({
                id: z.string(),
                receiver: z.string(),
                channel: z.string(),
                channelIndex: z.number(),
                groupKey: z.string(),
                cause: z.string(),
                title: z.string(),
                status: z.enum(DELIVERY_STATUSES),
                attempts: z.number(),
                createdAt: shownTime(z),
                nextAttemptAt: shownTime(z).nullable(),
                doneAt: shownTime(z).nullable(),
                lastReason: z.string().nullable(),
                lastDetail: z.string().nullable(),
                supersededBy: z.string().nullable(),
              })
              .meta({ id: 'Delivery' }),
          ),
        }),
      handle: ({ query }) => ok({ deliveries: listDeliveries(database, query) }),
    }),
  ];
}
