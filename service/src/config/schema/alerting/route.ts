import { z } from 'zod';
import { asMapping, isGiven, type Mapping, mappingsIn, type Refuse, textAt } from '../cross-checks.ts';
import { matcherList, matchMap, matchPatternMap } from '../matcher-setting.ts';
import type { Matcher } from '../matchers.ts';
import { duration, flag, positiveDuration, text, utf8LabelName } from '../scalars.ts';

/** A node of the routing tree as written; every setting but the receiver is inherited when absent. */
interface RouteInput {
  receiver?: string | undefined;
  group_by?: string[] | undefined;
  matchers?: readonly Matcher[] | undefined;
  match?: readonly Matcher[] | undefined;
  match_re?: readonly Matcher[] | undefined;
  mute_time_intervals?: string[] | undefined;
  active_time_intervals?: string[] | undefined;
  continue?: boolean | undefined;
  group_wait?: number | undefined;
  group_interval?: number | undefined;
  repeat_interval?: number | undefined;
  routes?: RouteInput[] | undefined;
}

export const route: z.ZodType<RouteInput> = z.strictObject({
  receiver: text.optional(),
  group_by: z.array(utf8LabelName).optional(),
  matchers: matcherList.optional(),
  match: matchMap.optional(),
  match_re: matchPatternMap.optional(),
  mute_time_intervals: z.array(text).optional(),
  active_time_intervals: z.array(text).optional(),
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
  /** Names of time intervals: within any of them nobody is told. Not inherited. */
  readonly muteTimeIntervals: readonly string[];
  /** Names of time intervals: where there are any, people are told within one of them only. Not inherited. */
  readonly activeTimeIntervals: readonly string[];
  readonly continue: boolean;
  readonly groupWaitMs: number;
  readonly groupIntervalMs: number;
  readonly repeatIntervalMs: number;
  readonly routes: readonly Route[];
}

type Inherited = Pick<Route, 'receiver' | 'groupBy' | 'groupWaitMs' | 'groupIntervalMs' | 'repeatIntervalMs'>;

/** Alertmanager's defaults. Source: Alertmanager documentation, "Configuration", `<route>`. */
export const ROUTE_DEFAULTS: Inherited = {
  receiver: '',
  groupBy: [],
  groupWaitMs: 30_000,
  groupIntervalMs: 300_000,
  repeatIntervalMs: 14_400_000,
};

/** Fills in, from the top down, what each route does not set. */
export function inherit(input: RouteInput, parent: Inherited): Route {
  const own: Inherited = {
    receiver: input.receiver ?? parent.receiver,
    groupBy: input.group_by ?? parent.groupBy,
    groupWaitMs: input.group_wait ?? parent.groupWaitMs,
    groupIntervalMs: input.group_interval ?? parent.groupIntervalMs,
    repeatIntervalMs: input.repeat_interval ?? parent.repeatIntervalMs,
  };
  return {
    ...own,
    matchers: [...(input.match ?? []), ...(input.match_re ?? []), ...(input.matchers ?? [])],
    muteTimeIntervals: input.mute_time_intervals ?? [],
    activeTimeIntervals: input.active_time_intervals ?? [],
    continue: input.continue ?? false,
    routes: (input.routes ?? []).map((child) => inherit(child, own)),
  };
}

/** The names that routes may use. */
export interface KnownNames {
  readonly receivers: ReadonlySet<string>;
  readonly timeIntervals: ReadonlySet<string>;
}

const INTERVAL_LISTS = ['mute_time_intervals', 'active_time_intervals'];
const NOT_ON_TOP = {
  matchers: 'matchers',
  match: 'matchers',
  match_re: 'matchers',
  mute_time_intervals: 'time intervals',
  active_time_intervals: 'time intervals',
} as const;

/** Refuses what a node and those below it must not say. Source: Alertmanager documentation, "Configuration", `<route>`. */
export function checkRoute(node: Mapping, path: readonly (string | number)[], names: KnownNames, refuse: Refuse): void {
  const receiver = textAt(node, 'receiver');
  if (path.length === 1) checkTop(node, path, refuse);
  if (receiver !== undefined && !names.receivers.has(receiver))
    refuse([...path, 'receiver'], `a receiver's name (${listNames(names.receivers)})`);
  checkGroupBy(node['group_by'], [...path, 'group_by'], refuse);
  for (const key of INTERVAL_LISTS) {
    for (const [index, name] of listAt(node, key).entries())
      if (typeof name === 'string' && !names.timeIntervals.has(name))
        refuse([...path, key, index], `the name of a time interval (${listNames(names.timeIntervals)})`);
  }
  for (const [index, child] of mappingsIn(node['routes'])) checkRoute(child, [...path, 'routes', index], names, refuse);
}

function checkTop(node: Mapping, path: readonly (string | number)[], refuse: Refuse): void {
  if (!isGiven(node, 'receiver')) refuse(path, 'receiver on the top route');
  for (const [key, what] of Object.entries(NOT_ON_TOP)) {
    const value = node[key];
    if (Array.isArray(value) ? value.length > 0 : Object.keys(asMapping(value)).length > 0)
      refuse([...path, key], `no ${what} on the top route (it takes what no other takes, at all times)`);
  }
  if (node['continue'] === true || /^true$/i.test(textAt(node, 'continue') ?? ''))
    refuse([...path, 'continue'], 'no continue on the top route');
}

function checkGroupBy(value: unknown, path: readonly (string | number)[], refuse: Refuse): void {
  const labels: readonly unknown[] = Array.isArray(value) ? value : [];
  for (const [index, label] of labels.entries())
    if (labels.indexOf(label) < index) refuse([...path, index], 'each label once');
  if (labels.length > 1 && labels.includes('...')) refuse(path, "['...'] alone, or names of labels");
}

const listAt = (node: Mapping, key: string): readonly unknown[] => (Array.isArray(node[key]) ? node[key] : []);
const listNames = (names: ReadonlySet<string>): string => [...names].join(', ') || 'none is defined';
