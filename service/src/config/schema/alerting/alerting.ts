import { z } from 'zod';
import type { TemplateFile } from '../../template-files.ts';
import { ALWAYS, asMapping, isGiven, isMapping, type Mapping, type Refuse, refuseIn, textAt } from '../cross-checks.ts';
import { address, flag, httpUrl, positiveDuration, text, wholeNumber } from '../scalars.ts';
import { api } from './api.ts';
import { global } from './global.ts';
import { inhibitRule } from './inhibit-rule.ts';
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

/** The section `alerting`: Alertmanager's configuration plus settings of our own. */
export const alerting = z
  .strictObject({
    http: address.default({ host: '127.0.0.1', port: 9093 }),
    url: httpUrl.optional(),
    hosts: z.array(text).default([]),
    api: api.prefault({}),
    config_file: text.optional(),
    ...settings,
    fallback: z.strictObject({ receiver: text, after: positiveDuration.default(300_000) }).optional(),
    max_messages_per_minute: wholeNumber(1, 10_000).default(5),
    allow_exec: flag.default(false),
    chart_urls: flag.default(false),
  })
  .superRefine((value: unknown, context) => {
    const refuse = refuseIn(context);
    const section = asMapping(value);
    const names = checkRouting(section, refuse);
    const fallback = textAt(asMapping(section['fallback']), 'receiver');
    // Of a file of its own the receivers are not known here.
    if (fallback !== undefined && !isGiven(section, 'config_file') && !names.has(fallback))
      refuse(['fallback', 'receiver'], `a receiver's name (${[...names].join(', ') || 'none is defined'})`);
    if (String(section['chart_urls']).toLowerCase() === 'true' && !isGiven(section, 'url'))
      refuse(['chart_urls'], 'false, or alerting.url beside it: the address at which the world reaches alerting');
  }, ALWAYS)
  .transform((value) => ({
    http: value.http,
    /** The API as people reach it: where links in messages lead. */
    url: value.url,
    /** Names under which programs reach the API, beside that of `url`. */
    hosts: value.hosts,
    api: value.api,
    configFile: value.config_file,
    /** Who is told when a channel stays down for so long, or refuses. */
    fallback: value.fallback && { receiver: value.fallback.receiver, afterMs: value.fallback.after },
    /** `exec_configs` are allowed; without it none is left here. */
    allowExec: value.allow_exec,
    /** Pictures are named by address to channels that take only addresses: `url` is reached from everywhere. */
    chartUrls: value.chart_urls,
    /** For each channel that people read; the rest comes as a digest. */
    maxMessagesPerMinute: value.max_messages_per_minute,
    ...routingOf(value),
  }));

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

/** Everything alerting is told. */
export type AlertingConfig = RoutingConfig &
  Omit<z.output<typeof alerting>, 'configFile'> & {
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

/** @returns the names of the receivers */
function checkRouting(alerting: Mapping, refuse: Refuse): ReadonlySet<string> {
  const receivers = checkReceivers(alerting, asMapping(alerting['global']), refuse);
  const timeIntervals = checkTimeIntervals(alerting, refuse);
  if (isMapping(alerting['route'])) checkRoute(alerting['route'], ['route'], { receivers, timeIntervals }, refuse);
  return receivers;
}
