import type { Announcement } from './announcements.ts';
import { isOld, isStale, summarize } from './pages/words.ts';
import type { StatusView } from './view.ts';

/** The page for programs. Times are ISO 8601 in UTC; what is not known is `null`. */
export function renderJson(view: StatusView, name: string): string {
  const { state, text } = summarize(view);
  return JSON.stringify({
    name,
    state,
    summary: text,
    data_at: isoOrNull(view.dataAtMs),
    stale: isStale(view.dataAtMs, view.atMs),
    monitors: view.groups.flatMap((group) =>
      group.monitors.map((monitor) => ({
        id: monitor.slug,
        name: monitor.name,
        group: group.name ?? null,
        state: isOld(view) ? 'unknown' : monitor.state,
        last_known_state: monitor.state,
        uptime_90d: monitor.uptime90d ?? null,
        days: monitor.days.map((day) => ({
          date: new Date(day.atMs).toISOString().slice(0, 10),
          state: day.state,
          uptime: day.uptime ?? null,
        })),
      })),
    ),
    open: view.open.map(showAnnouncement),
    upcoming: view.upcoming.map(showAnnouncement),
    past: view.past.map(showAnnouncement),
  });
}

function showAnnouncement(one: Announcement) {
  return {
    id: one.id,
    kind: one.kind,
    title: one.title,
    monitors: one.slugs,
    impact: one.impact,
    status: one.status,
    starts_at: iso(one.startsAtMs),
    ends_at: isoOrNull(one.endsAtMs),
    ended_at: isoOrNull(one.endedAtMs),
    updated_at: iso(one.updatedAtMs),
    updates: one.updates.map(({ atMs, status, text }) => ({ at: iso(atMs), status, text })),
  };
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}

function isoOrNull(atMs: number | undefined): string | null {
  return atMs === undefined ? null : iso(atMs);
}
