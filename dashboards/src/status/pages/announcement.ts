import { html, type Html } from '../../html/html.ts';
import type { Announcement } from '../announcements.ts';
import { STATUS_WORDS } from '../posts.ts';
import { renderLayout, renderMoment, type Site } from './layout.ts';
import { describeTime } from './words.ts';

/** The colour of an announcement: what it does, and nothing once it is over. */
function toneOf({ impact, endedAtMs }: Announcement): string {
  if (endedAtMs !== undefined) return 'up';
  return impact === 'none' ? 'unknown' : impact;
}

/** An incident or maintenance among others; short: with its last update only. */
export function renderAnnouncement(announcement: Announcement, site: Site, length: 'short' | 'whole'): Html {
  const { id, title, updates } = announcement;
  const shown = length === 'short' ? updates.slice(0, 1) : updates;
  return html`<article class="post">
    <div class="title">
      <h3><a href="${site.base}/posts/${id}">${title}</a></h3>
      <span class="state ${toneOf(announcement)}">${STATUS_WORDS[announcement.status]}</span>
    </div>
    ${renderFacts(announcement, site)} ${renderUpdates(shown, site)}
  </article>`;
}

/** The page of one. */
export function renderAnnouncementPage(announcement: Announcement, site: Site): string {
  const { title, status, updates } = announcement;
  const body = html`<section>
      <div class="title">
        <h2>${title}</h2>
        <span class="state ${toneOf(announcement)}">${STATUS_WORDS[status]}</span>
      </div>
      ${renderFacts(announcement, site)} ${renderUpdates(updates, site)}
    </section>
    <p><a href="${site.base}/">All systems</a></p>`;
  return renderLayout(site, `${title} · ${site.page.name}`, body, html``);
}

function renderFacts(announcement: Announcement, { clock }: Site): Html {
  const { kind, affected } = announcement;
  return html`<p class="soft">
    ${kind === 'incident' ? 'Incident' : 'Maintenance'},
    ${describeTime(announcement, clock)}${affected.length > 0 && html`. Affected: <bdi>${affected.join(', ')}</bdi>`}
  </p>`;
}

function renderUpdates(updates: Announcement['updates'], { clock }: Site): Html | undefined {
  if (updates.length === 0) return undefined;
  return html`<ul class="updates">
    ${updates.map(
      ({ atMs, status, text }) =>
        html`<li>
          <strong>${STATUS_WORDS[status]}</strong> <span class="soft">${renderMoment(atMs, clock)}</span>
          <p class="text">${text}</p>
        </li>`,
    )}
  </ul>`;
}
