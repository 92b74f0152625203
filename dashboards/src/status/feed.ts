import { hash } from 'node:crypto';
import { html, type Html } from '../html/html.ts';
import type { Announcement } from './announcements.ts';
import { STATUS_WORDS } from './posts.ts';
import { describeTime } from './pages/words.ts';
import type { Site } from './pages/layout.ts';
import type { StatusView } from './view.ts';

const MAX_ENTRIES = 50;

/**
 * Incidents and maintenance as a feed, what changed last first. Source: RFC 4287 (Atom). Links are relative where no
 * `status_page.url` is set.
 */
export function renderFeed(view: StatusView, site: Site): string {
  const { page, base } = site;
  const root = page.url === undefined ? base : page.url.replace(/\/$/, '');
  const entries = [...view.upcoming, ...view.open, ...view.past]
    .sort((a, b) => b.updatedAtMs - a.updatedAtMs)
    .slice(0, MAX_ENTRIES);
  const updatedMs = entries[0]?.updatedAtMs ?? 0;
  const feed = html`<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
    <id>${page.url ?? urnOf(page.name)}</id>
    <title>${page.name}</title>
    <updated>${iso(updatedMs)}</updated>
    <author><name>${page.name}</name></author>
    <link rel="alternate" type="text/html" href="${root}/" />
    <link rel="self" type="application/atom+xml" href="${root}/feed.atom" />
    ${entries.map((entry) => renderEntry(entry, site, root))}</feed
  > `;
  return `<?xml version="1.0" encoding="utf-8"?>\n${feed.toString()}`;
}

function renderEntry(entry: Announcement, { clock }: Site, root: string): Html {
  const { id, title, status, affected, updates, updatedAtMs, startsAtMs } = entry;
  // HTML inside XML: as text, so it is escaped once more.
  const content = html`<p>
      ${describeTime(entry, clock)}${affected.length > 0 && `. Affected: ${affected.join(', ')}`}
    </p>
    ${updates.map(
      ({ atMs, status: told, text }) =>
        html`<p><strong>${STATUS_WORDS[told]}</strong> (${clock.time(atMs)}): ${text}</p>`,
    )}`;
  const first = updates.at(-1);
  return html`<entry>
    <id>urn:uuid:${uuidOf(id)}</id>
    <title>${STATUS_WORDS[status]}: ${title}</title>
    <published>${iso(Math.min(first?.atMs ?? startsAtMs, updatedAtMs))}</published>
    <updated>${iso(updatedAtMs)}</updated>
    <link rel="alternate" type="text/html" href="${root}/posts/${id}" />
    <content type="html">${content.toString()}</content>
  </entry> `;
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Alerting's ids are UUIDs; what the configuration announces gets one made of its id. Source: RFC 9562, 5.8 (version 8). */
function uuidOf(id: string): string {
  if (UUID.test(id)) return id;
  const digits = hash('sha256', id);
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-8${digits.slice(13, 16)}-8${digits.slice(17, 20)}-${digits.slice(20, 32)}`;
}

function urnOf(name: string): string {
  return `urn:uuid:${uuidOf(`feed ${name}`)}`;
}
