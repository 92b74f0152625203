import { z } from 'zod';
import { ALWAYS, asMapping, isGiven, isMapping, type Mapping, type Refuse, refuseIn } from '../cross-checks.ts';
import { address, text } from '../scalars.ts';
import { api } from './api.ts';
import { global } from './global.ts';
import { checkInhibitRules, inhibitRule } from './inhibit-rule.ts';
import { checkReceivers, completeReceiver, receiver } from './receiver.ts';
import { checkRoute, inherit, route, ROUTE_DEFAULTS } from './route.ts';
import { checkTimeIntervals, namedTimeInterval } from './time-interval.ts';

/** Names of what stands in Alertmanager's configuration. */
export const ROUTING_KEYS = [
  'global',
  'route',
  'receivers',
  'inhibit_rules',
  'time_intervals',
  'mute_time_intervals',
  'templates',
] as const;

/** What stands in Alertmanager's configuration, and in the section `alerting` where that has no `config_file`. */
const settings = {
  global: global.prefault({}),
  route: route.optional(),
  receivers: z.array(receiver).default([]),
  inhibit_rules: z.array(inhibitRule).default([]),
  time_intervals: z.array(namedTimeInterval).default([]),
  mute_time_intervals: z.array(namedTimeInterval).default([]),
  templates: z.array(text).default([]),
} satisfies Record<(typeof ROUTING_KEYS)[number], z.ZodType>;

/** The section `alerting`: Alertmanager's configuration plus `http`, the address of the API. */
export const alerting = z
  .strictObject({
    http: address.default({ host: '127.0.0.1', port: 9093 }),
    api: api.prefault({}),
    config_file: text.optional(),
    ...settings,
  })
  .superRefine((value: unknown, context) => checkRouting(asMapping(value), refuseIn(context)), ALWAYS)
  .transform((value) => ({ http: value.http, api: value.api, configFile: value.config_file, ...routingOf(value) }));

/** A configuration of Alertmanager in a file of its own. */
export const alertmanagerFile = z
  .strictObject(settings)
  .superRefine((value: unknown, context) => {
    const refuse = refuseIn(context);
    checkRouting(asMapping(value), refuse);
    if (!isGiven(asMapping(value), 'route')) refuse([], 'a route');
  }, ALWAYS)
  .transform(routingOf);

/** Who is told of what, and how. Times in milliseconds. */
export type RoutingConfig = Readonly<z.output<typeof alertmanagerFile>>;

/** A file of templates as it was read. */
export interface TemplateFile {
  readonly file: string;
  readonly text: string;
}

/** Everything alerting is told. */
export type AlertingConfig = RoutingConfig &
  Pick<z.output<typeof alerting>, 'http' | 'api'> & {
    /** The files of `templates`, in the order of the list. */
    readonly templates: readonly TemplateFile[];
  };

function routingOf(value: z.output<z.ZodObject<typeof settings>>) {
  return {
    resolveTimeoutMs: value.global.resolve_timeout,
    /** `undefined`: nothing is notified; alerts are only shown. */
    route: value.route && inherit(value.route, ROUTE_DEFAULTS),
    receivers: value.receivers.map((entry) => completeReceiver(entry, value.global)),
    inhibitRules: value.inhibit_rules,
    timeIntervals: [...value.mute_time_intervals, ...value.time_intervals],
  };
}

function checkRouting(alerting: Mapping, refuse: Refuse): void {
  const receivers = checkReceivers(alerting, asMapping(alerting['global']), refuse);
  const timeIntervals = checkTimeIntervals(alerting, refuse);
  checkInhibitRules(alerting, refuse);
  if (isMapping(alerting['route'])) checkRoute(alerting['route'], ['route'], { receivers, timeIntervals }, refuse);
}
