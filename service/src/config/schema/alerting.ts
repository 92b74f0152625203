import { z } from 'zod';
import { isLoopback } from '../address.ts';
import {
  ALWAYS,
  asMapping,
  isGiven,
  isMapping,
  type Mapping,
  mappingsIn,
  type Refuse,
  refuseIn,
  textAt,
} from './cross-checks.ts';
import { matcher } from './matcher-setting.ts';
import type { Matcher } from './matchers.ts';
import { address, duration, flag, hostPort, httpUrl, labelName, positiveDuration, text } from './scalars.ts';

/** `send_resolved` is on by default here (Alertmanager: off for e-mail and Slack): who was woken is told when it is over. */
const sendResolved = flag.default(true);

const emailConfig = z.strictObject({
  to: text,
  from: text.optional(),
  smarthost: hostPort.optional(),
  hello: text.optional(),
  auth_username: text.optional(),
  auth_password: text.optional(),
  require_tls: flag.optional(),
  send_resolved: sendResolved,
  headers: z.record(z.string(), z.string()).default({}),
});

const slackConfig = z.strictObject({
  api_url: httpUrl.optional(),
  channel: text.optional(),
  username: text.optional(),
  send_resolved: sendResolved,
});

const receiver = z.strictObject({
  name: text,
  email_configs: z.array(emailConfig).default([]),
  slack_configs: z.array(slackConfig).default([]),
});

/** A node of the routing tree as written; every setting but the receiver is inherited when absent. */
interface RouteInput {
  receiver?: string | undefined;
  group_by?: string[] | undefined;
  matchers?: Matcher[] | undefined;
  continue?: boolean | undefined;
  group_wait?: number | undefined;
  group_interval?: number | undefined;
  repeat_interval?: number | undefined;
  routes?: RouteInput[] | undefined;
}

const route: z.ZodType<RouteInput> = z.strictObject({
  receiver: text.optional(),
  group_by: z.array(z.union([labelName, z.literal('...')])).optional(),
  matchers: z.array(matcher).optional(),
  continue: flag.optional(),
  group_wait: duration.optional(),
  group_interval: positiveDuration.optional(),
  repeat_interval: positiveDuration.optional(),
  get routes() {
    return z.array(route).optional();
  },
});

/** A node of the routing tree with everything inherited filled in. Times in milliseconds. */
export interface Route {
  readonly receiver: string;
  /** Label names; `['...']` groups by all of them. */
  readonly groupBy: readonly string[];
  readonly matchers: readonly Matcher[];
  readonly continue: boolean;
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  readonly repeatIntervalMs: number;
  readonly routes: readonly Route[];
}

type Inherited = Pick<Route, 'receiver' | 'groupBy' | 'groupWaitMs' | 'groupIntervalMs' | 'repeatIntervalMs'>;

/** Alertmanager's defaults. Source: Alertmanager documentation, "Configuration", `<route>`. */
const ROUTE_DEFAULTS: Inherited = {
  receiver: '',
  groupBy: [],
  groupWaitMs: 30_000,
  groupIntervalMs: 300_000,
  repeatIntervalMs: 14_400_000,
};

function inherit(input: RouteInput, parent: Inherited): Route {
  const own: Inherited = {
    receiver: input.receiver ?? parent.receiver,
    groupBy: input.group_by ?? parent.groupBy,
    groupWaitMs: input.group_wait ?? parent.groupWaitMs,
    groupIntervalMs: input.group_interval ?? parent.groupIntervalMs,
    repeatIntervalMs: input.repeat_interval ?? parent.repeatIntervalMs,
  };
  return {
    ...own,
    matchers: input.matchers ?? [],
    continue: input.continue ?? false,
    routes: (input.routes ?? []).map((child) => inherit(child, own)),
  };
}

const global = z.strictObject({
  smtp_smarthost: hostPort.optional(),
  smtp_from: text.optional(),
  smtp_hello: text.default('localhost'),
  smtp_auth_username: text.optional(),
  smtp_auth_password: text.optional(),
  smtp_require_tls: flag.optional(),
  slack_api_url: httpUrl.optional(),
  resolve_timeout: positiveDuration.default(300_000),
});

/** One e-mail destination, with the `global` settings filled in. */
export interface EmailConfig {
  readonly to: string;
  readonly from: string;
  readonly smarthost: { readonly host: string; readonly port: number };
  readonly hello: string;
  readonly auth: { readonly username: string; readonly password: string } | undefined;
  /** STARTTLS is demanded. Alertmanager's default is true; ours too, except to a loopback smarthost. */
  readonly requireTls: boolean;
  readonly sendResolved: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

/** One Slack webhook. */
export interface SlackConfig {
  readonly apiUrl: string;
  readonly channel: string | undefined;
  readonly username: string | undefined;
  readonly sendResolved: boolean;
}

export interface Receiver {
  readonly name: string;
  readonly emailConfigs: readonly EmailConfig[];
  readonly slackConfigs: readonly SlackConfig[];
}

/** The section `alerting`: Alertmanager's configuration plus `http`, the address of the API. */
export const alerting = z
  .strictObject({
    http: address.default({ host: '127.0.0.1', port: 9093 }),
    global: global.prefault({}),
    route: route.optional(),
    receivers: z.array(receiver).default([]),
  })
  .superRefine(checkReceivers, ALWAYS)
  .transform((value) => ({
    http: value.http,
    resolveTimeoutMs: value.global.resolve_timeout,
    /** `undefined`: nothing is notified; alerts are only shown. */
    route: value.route && inherit(value.route, ROUTE_DEFAULTS),
    receivers: value.receivers.map((entry) => completeReceiver(entry, value.global)),
  }));

export type AlertingConfig = Readonly<z.output<typeof alerting>>;

function checkReceivers(value: unknown, context: z.RefinementCtx): void {
  const refuse = refuseIn(context);
  const alerting = asMapping(value);
  const global = asMapping(alerting['global']);
  const names = new Set<string>();
  for (const [index, entry] of mappingsIn(alerting['receivers'])) {
    const path = ['receivers', index];
    const name = textAt(entry, 'name');
    if (name !== undefined && names.has(name)) refuse([...path, 'name'], 'a receiver name used once');
    if (name !== undefined) names.add(name);
    const demand = (list: string, key: string, globalKey: string): void => {
      if (isGiven(global, globalKey)) return;
      for (const [at, config] of mappingsIn(entry[list]))
        if (!isGiven(config, key)) refuse([...path, list, at], `${key} here or global.${globalKey}`);
    };
    demand('email_configs', 'smarthost', 'smtp_smarthost');
    demand('email_configs', 'from', 'smtp_from');
    demand('slack_configs', 'api_url', 'slack_api_url');
  }
  if (isMapping(alerting['route'])) checkRoute(alerting['route'], ['route'], names, refuse);
}

function checkRoute(
  node: Mapping,
  path: readonly (string | number)[],
  names: ReadonlySet<string>,
  refuse: Refuse,
): void {
  const known = [...names].join(', ') || 'none is defined';
  const receiver = textAt(node, 'receiver');
  if (path.length === 1 && !isGiven(node, 'receiver')) refuse(path, 'receiver on the top route');
  if (path.length === 1 && Array.isArray(node['matchers']) && node['matchers'].length > 0)
    refuse([...path, 'matchers'], 'no matchers on the top route');
  if (receiver !== undefined && !names.has(receiver)) refuse([...path, 'receiver'], `a receiver's name (${known})`);
  for (const [index, child] of mappingsIn(node['routes'])) checkRoute(child, [...path, 'routes', index], names, refuse);
}

function completeReceiver(entry: z.output<typeof receiver>, defaults: z.output<typeof global>): Receiver {
  return {
    name: entry.name,
    emailConfigs: entry.email_configs.map((email) => completeEmail(email, defaults)),
    slackConfigs: entry.slack_configs.map((slack) => ({
      apiUrl: slack.api_url ?? defaults.slack_api_url ?? '',
      channel: slack.channel,
      username: slack.username,
      sendResolved: slack.send_resolved,
    })),
  };
}

function completeEmail(email: z.output<typeof emailConfig>, defaults: z.output<typeof global>): EmailConfig {
  const smarthost = email.smarthost ?? defaults.smtp_smarthost ?? { host: '', port: 0 };
  const username = email.auth_username ?? defaults.smtp_auth_username;
  const password = email.auth_password ?? defaults.smtp_auth_password;
  return {
    to: email.to,
    from: email.from ?? defaults.smtp_from ?? '',
    smarthost,
    hello: email.hello ?? defaults.smtp_hello,
    auth: username === undefined ? undefined : { username, password: password ?? '' },
    requireTls: email.require_tls ?? defaults.smtp_require_tls ?? !isLoopback(smarthost.host),
    sendResolved: email.send_resolved,
    headers: email.headers,
  };
}
