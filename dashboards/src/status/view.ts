import type { ChosenMonitor, TocsinConfig } from '@tocsin/service/config';
import { type HourTimes, STATUS_DAYS, type StatusRow } from '../queries/status-rows.ts';
import { type Announcement, listAnnouncements } from './announcements.ts';
import type { Post } from './posts.ts';

/** What readers are told of a monitor, and of a day of it. */
export type PublicState = 'up' | 'degraded' | 'down' | 'maintenance' | 'unknown';

/** A day of UTC. */
export interface DayView {
  /** Its begin, Unix ms. */
  readonly atMs: number;
  readonly state: PublicState;
  /** Share of runs that found it up or degraded; `undefined` where none says anything. */
  readonly uptime: number | undefined;
}

/** A monitor as the public sees it: its own name, target and reasons are not in it. */
export interface PublicMonitor {
  readonly name: string;
  readonly slug: string;
  readonly description: string | undefined;
  readonly state: PublicState;
  /** 90, oldest first, today last. */
  readonly days: readonly DayView[];
  readonly uptime90d: number | undefined;
  /** Of the last seven days; empty where the chart is not wanted or nothing is known. */
  readonly hours: readonly HourTimes[];
}

export interface PublicGroup {
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly monitors: readonly PublicMonitor[];
}

/** All of the page. Times in Unix ms. */
export interface StatusView {
  readonly atMs: number;
  /** When what is shown of the monitors was read; `undefined`: never. */
  readonly dataAtMs: number | undefined;
  /** The same of what people wrote. */
  readonly postsAtMs: number | undefined;
  /** The worst of all monitors; what nobody knows comes after what is known. */
  readonly state: PublicState;
  readonly groups: readonly PublicGroup[];
  /** The latest start first: what is not over. */
  readonly open: readonly Announcement[];
  /** Maintenance that has not begun, the next first. */
  readonly upcoming: readonly Announcement[];
  /** Over, the latest start first. */
  readonly past: readonly Announcement[];
}

/** What a view is made from. */
export interface StatusFacts {
  readonly config: Pick<TocsinConfig, 'statusPage' | 'monitors' | 'maintenance'>;
  readonly rows: readonly StatusRow[];
  readonly posts: readonly Post[];
  readonly dataAtMs: number | undefined;
  readonly postsAtMs: number | undefined;
}

const DAY_MS = 86_400_000;
/** A day of which less was up is yellow, or red. */
const GOOD_DAY = 0.999;
const BAD_DAY = 0.98;
/** So much of a day slow makes it yellow. */
const SLOW_DAY = 0.05;
const SEVERITY: Readonly<Record<PublicState, number>> = { up: 0, unknown: 1, maintenance: 2, degraded: 3, down: 4 };

/** The page as it is to be read at a time. */
export function viewStatus({ config, rows, posts, dataAtMs, postsAtMs }: StatusFacts, nowMs: number): StatusView {
  const announcements = listAnnouncements(posts, config, nowMs);
  const isUpcoming = ({ startsAtMs, endedAtMs }: Announcement): boolean =>
    endedAtMs === undefined && startsAtMs > nowMs;
  const open = announcements.filter((one) => one.endedAtMs === undefined && !isUpcoming(one));
  const byMonitor = Map.groupBy(rows, ({ monitor }) => monitor);
  const groups = config.statusPage.groups.map(({ name, description, monitors }) => ({
    name,
    description,
    monitors: monitors.map((chosen) =>
      viewMonitor(chosen, byMonitor.get(chosen.monitor) ?? [], open, dataAtMs ?? nowMs),
    ),
  }));
  return {
    atMs: nowMs,
    dataAtMs,
    postsAtMs,
    state: worstOf(groups.flatMap(({ monitors }) => monitors.map(({ state }) => state))),
    groups,
    open,
    upcoming: announcements.filter(isUpcoming).toReversed(),
    past: announcements.filter(({ endedAtMs }) => endedAtMs !== undefined),
  };
}

function viewMonitor(
  { name, slug, description, showsResponseTimes }: ChosenMonitor,
  rows: readonly StatusRow[],
  open: readonly Announcement[],
  atMs: number,
): PublicMonitor {
  const days = viewDays(
    rows.flatMap((row) => row.days),
    atMs,
  );
  const [passed, failed] = countRuns(rows);
  const told = open
    .filter(({ slugs }) => slugs.includes(slug))
    .map(({ impact }) => (impact === 'none' ? 'up' : impact));
  const measured = readState(rows.find(({ state }) => state !== ''));
  return {
    name,
    slug,
    description,
    // What is said to be under maintenance may be down.
    state: told.includes('maintenance') && measured === 'down' ? 'maintenance' : worstOf([measured, ...told]),
    days,
    uptime90d: passed + failed > 0 ? passed / (passed + failed) : undefined,
    hours: showsResponseTimes ? rows.flatMap((row) => row.hours) : [],
  };
}

function readState(row: StatusRow | undefined): PublicState {
  if (!row) return 'unknown';
  if (row.muted_by === 'maintenance') return 'maintenance';
  return row.state === 'up' || row.state === 'degraded' || row.state === 'down' ? row.state : 'unknown';
}

function countRuns(rows: readonly StatusRow[]): [passed: number, failed: number] {
  let [passed, failed] = [0, 0];
  for (const [, up, degraded, down] of rows.flatMap(({ days }) => days)) {
    passed += up + degraded;
    failed += down;
  }
  return [passed, failed];
}

/** One entry for each of the 90 days, also where nothing is known. */
function viewDays(runs: StatusRow['days'], atMs: number): readonly DayView[] {
  const byDay = new Map(runs.map((day) => [day[0] * 1_000, day]));
  const today = Math.floor(atMs / DAY_MS) * DAY_MS;
  return Array.from({ length: STATUS_DAYS }, (_, index) => {
    const dayMs = today - (STATUS_DAYS - 1 - index) * DAY_MS;
    const [, up = 0, degraded = 0, down = 0, excluded = 0] = byDay.get(dayMs) ?? [];
    const counted = up + degraded + down;
    if (counted === 0) return { atMs: dayMs, state: excluded > 0 ? 'maintenance' : 'unknown', uptime: undefined };
    const uptime = (up + degraded) / counted;
    const isSlow = degraded / counted >= SLOW_DAY;
    const state = uptime < BAD_DAY ? 'down' : uptime < GOOD_DAY || isSlow ? 'degraded' : 'up';
    return { atMs: dayMs, state, uptime };
  });
}

function worstOf(states: readonly PublicState[]): PublicState {
  const [first = 'unknown', ...rest] = states;
  return rest.reduce((worst, state) => (SEVERITY[state] > SEVERITY[worst] ? state : worst), first);
}
