import { hash } from 'node:crypto';
import type { MaintenanceWindow, TocsinConfig } from '@tocsin/service/config';
import { findOccurrence } from '@tocsin/service/maintenance';
import type { Post, PostStatus, PostUpdate } from './posts.ts';

/** What the public reads of an incident or of maintenance: of monitors only what they are called on the page. Times in Unix ms. */
export interface Announcement {
  readonly id: string;
  readonly kind: 'incident' | 'maintenance';
  readonly title: string;
  /** What the public calls the monitors that are affected. */
  readonly affected: readonly string[];
  /** Slugs of these. */
  readonly slugs: readonly string[];
  readonly impact: 'none' | 'degraded' | 'down' | 'maintenance';
  readonly status: PostStatus;
  readonly startsAtMs: number;
  readonly endsAtMs: number | undefined;
  readonly endedAtMs: number | undefined;
  readonly updatedAtMs: number;
  /** Newest first. */
  readonly updates: readonly PostUpdate[];
  /** It comes from the configuration, where nobody writes updates. */
  readonly isConfigured: boolean;
}

type StatusConfig = Pick<TocsinConfig, 'statusPage' | 'monitors' | 'maintenance'>;

/** All there is to announce, the latest start first. */
export function listAnnouncements(
  posts: readonly Post[],
  config: StatusConfig,
  nowMs: number,
): readonly Announcement[] {
  const names = publicNames(config);
  return [...posts.map((post) => announcePost(post, names, nowMs)), ...configuredWindows(config, names, nowMs)].sort(
    (a, b) => b.startsAtMs - a.startsAtMs || (a.id < b.id ? -1 : 1),
  );
}

type PublicNames = ReadonlyMap<string, { readonly name: string; readonly slug: string }>;

function publicNames({ statusPage }: StatusConfig): PublicNames {
  return new Map(statusPage.groups.flatMap(({ monitors }) => monitors.map((one) => [one.monitor, one] as const)));
}

/** A monitor that has gone from the page since is not named. */
function nameAffected(monitors: readonly string[], names: PublicNames): Pick<Announcement, 'affected' | 'slugs'> {
  const known = monitors.map((monitor) => names.get(monitor)).filter((one) => one !== undefined);
  return { affected: known.map(({ name }) => name), slugs: known.map(({ slug }) => slug) };
}

function announcePost(post: Post, names: PublicNames, nowMs: number): Announcement {
  const { monitors, updates, status, ...rest } = post;
  const timed = post.kind === 'maintenance' ? statusAt(post, nowMs) : { status, endedAtMs: post.endedAtMs };
  return { ...rest, ...timed, ...nameAffected(monitors, names), updates: updates.toReversed(), isConfigured: false };
}

/** Maintenance begins and ends by the clock where nobody says otherwise. */
function statusAt(
  { status, startsAtMs, endsAtMs, endedAtMs }: Pick<Post, 'status' | 'startsAtMs' | 'endsAtMs' | 'endedAtMs'>,
  nowMs: number,
): Pick<Announcement, 'status' | 'endedAtMs'> {
  if (endedAtMs !== undefined) return { status, endedAtMs };
  if (endsAtMs !== undefined && nowMs >= endsAtMs) return { status: 'completed', endedAtMs: endsAtMs };
  return { status: nowMs >= startsAtMs ? 'in_progress' : status, endedAtMs: undefined };
}

interface Occurring {
  readonly startMs: number;
  readonly endMs: number;
  readonly monitors: string[];
}

/** The windows of the configuration that the page announces, where one goes on or is near. */
function configuredWindows(config: StatusConfig, names: PublicNames, nowMs: number): Announcement[] {
  const { maintenance: chosen, maintenanceAheadMs } = config.statusPage;
  return chosen.flatMap(({ window, title, text }) =>
    occurrencesOf(config, window, nowMs)
      .filter(({ startMs }) => startMs - nowMs <= maintenanceAheadMs)
      .map(({ startMs, endMs, monitors }) => {
        const id = hash('sha256', `${title}\n${startMs}`).slice(0, 16);
        const known = { id, kind: 'maintenance', title, impact: 'maintenance', isConfigured: true } as const;
        const times = { startsAtMs: startMs, endsAtMs: endMs, endedAtMs: undefined };
        // It was decided long ago; a feed wants a time that does not change.
        const atMs = startMs - maintenanceAheadMs;
        const updates = text === undefined ? [] : [{ atMs, status: 'scheduled', text } as const];
        const { status } = statusAt({ status: 'scheduled', ...times }, nowMs);
        return { ...known, ...times, ...nameAffected(monitors, names), status, updates, updatedAtMs: atMs };
      }),
  );
}

/** When windows of a name fall next, with the monitors they are for. */
function occurrencesOf({ maintenance, monitors }: StatusConfig, name: string, nowMs: number): readonly Occurring[] {
  const found = new Map<string, Occurring>();
  const note = (window: MaintenanceWindow, monitor: string | undefined): void => {
    if (window.name !== name) return;
    const next = findOccurrence(window, nowMs);
    if (!next) return;
    const key = `${next.startMs} ${next.endMs}`;
    const occurring = found.get(key) ?? { ...next, monitors: [] };
    if (monitor !== undefined && !occurring.monitors.includes(monitor)) occurring.monitors.push(monitor);
    found.set(key, occurring);
  };
  for (const window of maintenance) note(window, undefined);
  for (const monitor of monitors) for (const window of monitor.maintenance) note(window, monitor.name);
  return [...found.values()];
}
