import { z } from 'zod';
import { ALWAYS, asMapping, isMapping, refuseIn } from '../cross-checks.ts';
import { address } from '../scalars.ts';
import { api } from './api.ts';
import { global } from './global.ts';
import { checkReceivers, completeReceiver, receiver } from './receiver.ts';
import { checkRoute, inherit, route, ROUTE_DEFAULTS } from './route.ts';

/** The section `alerting`: Alertmanager's configuration plus `http`, the address of the API. */
export const alerting = z
  .strictObject({
    http: address.default({ host: '127.0.0.1', port: 9093 }),
    api: api.prefault({}),
    global: global.prefault({}),
    route: route.optional(),
    receivers: z.array(receiver).default([]),
  })
  .superRefine(check, ALWAYS)
  .transform((value) => ({
    http: value.http,
    api: value.api,
    resolveTimeoutMs: value.global.resolve_timeout,
    /** `undefined`: nothing is notified; alerts are only shown. */
    route: value.route && inherit(value.route, ROUTE_DEFAULTS),
    receivers: value.receivers.map((entry) => completeReceiver(entry, value.global)),
  }));

export type AlertingConfig = Readonly<z.output<typeof alerting>>;

function check(value: unknown, context: z.RefinementCtx): void {
  const refuse = refuseIn(context);
  const alerting = asMapping(value);
  const names = checkReceivers(alerting, asMapping(alerting['global']), refuse);
  if (isMapping(alerting['route'])) checkRoute(alerting['route'], ['route'], names, refuse);
}
