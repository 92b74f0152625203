import type { Announcement } from '../announcements.ts';
import type { PublicState, StatusView } from '../view.ts';

/** A state in a word or two. */
export const STATE_WORDS: Readonly<Record<PublicState, string>> = {
  up: 'Operational',
  degraded: 'Degraded',
  down: 'Down',
  maintenance: 'Maintenance',
  unknown: 'Not known',
};

/** Older data are not called current any more, in ms. */
const OLD_MS = 5 * 60_000;
/** From this age on the page says how old it is, in ms. */
const STALE_MS = 60_000;

/** Whether what is shown can be called current. */
export function isOld({ atMs, dataAtMs }: Pick<StatusView, 'atMs' | 'dataAtMs'>): boolean {
  return dataAtMs === undefined || atMs - dataAtMs > OLD_MS;
}

/** Whether readers have to be told how old it is. */
export function isStale(readAtMs: number | undefined, atMs: number): boolean {
  return readAtMs === undefined || atMs - readAtMs > STALE_MS;
}

/** The page in one sentence. */
export function summarize(view: StatusView): { readonly state: PublicState; readonly text: string } {
  if (view.groups.length === 0) return { state: 'unknown', text: 'Nothing is shown here yet' };
  if (view.dataAtMs === undefined) return { state: 'unknown', text: 'The state cannot be read at the moment' };
  const text = describeState(view);
  if (isOld(view)) return { state: 'unknown', text: `The current state cannot be read; the last one: ${text}` };
  return { state: view.state, text };
}

const PREDICATES: Readonly<Record<PublicState, readonly [one: string, several: string]>> = {
  up: ['is operational', 'are operational'],
  degraded: ['is degraded', 'are degraded'],
  down: ['is down', 'are down'],
  maintenance: ['is under maintenance', 'are under maintenance'],
  unknown: ['is in a state that is not known', 'are in a state that is not known'],
};

/** What is worst, and of how many. */
function describeState({ groups, state }: StatusView): string {
  const monitors = groups.flatMap((group) => group.monitors);
  const affected = monitors.filter((one) => one.state === state);
  const [one, several] = PREDICATES[state];
  const [first] = affected;
  if (affected.length === 1 && first) return `${first.name} ${one}`;
  return affected.length === monitors.length
    ? `All systems ${several}`
    : `${affected.length} of ${monitors.length} systems ${several}`;
}

/** Times as the page writes them: in its zone, which is named. */
export interface Clock {
  /** `25 Nov 2026, 09:41 CET`. */
  time(atMs: number): string;
}

/** The clock of a time zone. */
export function createClock(timeZone: string): Clock {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  });
  return { time: (atMs) => format.format(atMs) };
}

/** `25 Nov 2026`: a day of UTC. */
export function formatDay(atMs: number): string {
  return DAY.format(atMs);
}
const DAY = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'short', year: 'numeric' });

/** When an incident or maintenance was or will be. */
export function describeTime({ kind, startsAtMs, endsAtMs, endedAtMs }: Announcement, clock: Clock): string {
  const end = endedAtMs ?? (kind === 'maintenance' ? endsAtMs : undefined);
  return end === undefined ? `since ${clock.time(startsAtMs)}` : `${clock.time(startsAtMs)} to ${clock.time(end)}`;
}
