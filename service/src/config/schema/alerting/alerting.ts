import { z } from 'zod';
import { ALWAYS, asMapping, isMapping, refuseIn, textAt } from '../cross-checks.ts';
import { address, flag, httpUrl, positiveDuration, text, wholeNumber } from '../scalars.ts';
import { global } from './global.ts';
import { checkReceivers, completeReceiver, receiver } from './receiver.ts';
import { checkRoute, inherit, route, ROUTE_DEFAULTS } from './route.ts';

/** The section `alerting`: Alertmanager's configuration plus settings of our own. */
export const alerting = z
  .strictObject({
    http: address.default({ host: '127.0.0.1', port: 9093 }),
    url: httpUrl.optional(),
    global: global.prefault({}),
    route: route.optional(),
    receivers: z.array(receiver).default([]),
    fallback: z.strictObject({ receiver: text, after: positiveDuration.default(300_000) }).optional(),
    max_messages_per_minute: wholeNumber(1, 10_000).default(5),
    allow_exec: flag.default(false),
  })
  .superRefine(check, ALWAYS)
  .transform((value) => ({
    http: value.http,
    /** The API as people reach it: where links in messages lead. */
    url: value.url,
    resolveTimeoutMs: value.global.resolve_timeout,
    /** `undefined`: nothing is notified; alerts are only shown. */
    route: value.route && inherit(value.route, ROUTE_DEFAULTS),
    receivers: value.receivers.map((entry) => completeReceiver(entry, value.global)),
    /** Who is told when a channel stays down for so long, or refuses. */
    fallback: value.fallback && { receiver: value.fallback.receiver, afterMs: value.fallback.after },
    /** `exec_configs` are allowed; without it none is left here. */
    allowExec: value.allow_exec,
    /** For each channel that people read; the rest comes as a digest. */
    maxMessagesPerMinute: value.max_messages_per_minute,
  }));

export type AlertingConfig = Readonly<z.output<typeof alerting>>;

function check(value: unknown, context: z.RefinementCtx): void {
  const refuse = refuseIn(context);
  const alerting = asMapping(value);
  const names = checkReceivers(alerting, asMapping(alerting['global']), refuse);
  if (isMapping(alerting['route'])) checkRoute(alerting['route'], ['route'], names, refuse);
  const fallback = textAt(asMapping(alerting['fallback']), 'receiver');
  if (fallback !== undefined && !names.has(fallback))
    refuse(['fallback', 'receiver'], `a receiver's name (${[...names].join(', ') || 'none is defined'})`);
}
