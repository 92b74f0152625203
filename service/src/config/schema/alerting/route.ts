import { z } from 'zod';
import { isGiven, type Mapping, mappingsIn, type Refuse, textAt } from '../cross-checks.ts';
import { matcher } from '../matcher-setting.ts';
import type { Matcher } from '../matchers.ts';
import { duration, flag, labelName, positiveDuration, text } from '../scalars.ts';

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

export const route: z.ZodType<RouteInput> = z.strictObject({
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
    matchers: input.matchers ?? [],
    continue: input.continue ?? false,
    routes: (input.routes ?? []).map((child) => inherit(child, own)),
  };
}

/** Refuses what a node and those below it must not say. */
export function checkRoute(
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
