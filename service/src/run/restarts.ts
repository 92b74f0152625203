/** How a service fared before this process of it. */
export interface Restarts {
  /** Ends that nobody asked for, since the launcher started. */
  readonly count: number;
  /** When the last of them was, in milliseconds since the epoch. */
  readonly lastEndMs: number | undefined;
}

/** By which the launcher tells a service of its restarts: count and time, as `2@1795601234567`. */
const RESTARTS = 'TOCSIN_RESTARTS';

/** What the environment of a service's next process says of the ones before it. */
export function restartsEnv({ count, lastEndMs }: Restarts): Readonly<Record<string, string>> {
  return { [RESTARTS]: lastEndMs === undefined ? String(count) : `${count}@${lastEndMs}` };
}

/** @returns `undefined` where no launcher watches over this process */
export function readRestarts(env: Readonly<NodeJS.ProcessEnv>): Restarts | undefined {
  const [, count, at] = /^(\d+)(?:@(\d+))?$/.exec(env[RESTARTS] ?? '') ?? [];
  if (count === undefined) return undefined;
  return { count: Number(count), lastEndMs: at === undefined ? undefined : Number(at) };
}
