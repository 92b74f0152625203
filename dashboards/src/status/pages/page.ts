import { formatAge, formatDurationMs, formatShare } from '../../html/format.ts';
import { html, type Html } from '../../html/html.ts';
import { STATUS_DAYS, STATUS_HOURS } from '../../queries/status-rows.ts';
import type { PublicGroup, PublicMonitor, StatusView } from '../view.ts';
import { renderBars, renderChart } from './charts.ts';
import { renderLayout, renderMoment, type Site } from './layout.ts';
import { renderAnnouncement } from './announcement.ts';
import { isStale, STATE_WORDS, summarize } from './words.ts';

/** Of what is over so many are on the page; the others keep their addresses and are in feed and JSON. */
const SHOWN_PAST = 20;
/** With so many monitors the charts are closed until somebody opens them. */
const OPEN_CHARTS = 4;

/** The page itself. */
export function renderStatus(view: StatusView, site: Site): string {
  const { state, text } = summarize(view);
  const isShort = view.groups.flatMap(({ monitors }) => monitors).length <= OPEN_CHARTS;
  const body = html`<section class="banner ${state}" aria-label="Summary">
      ${text}
      <p class="soft">As of ${renderMoment(view.dataAtMs ?? view.atMs, site.clock)}</p>
    </section>
    ${view.groups.length === 0 && !site.isPublic && ADVICE} ${renderAge(view)}
    ${renderAnnouncements('open', 'Going on now', view.open, view, site)}
    ${renderAnnouncements('upcoming', 'Announced', view.upcoming, view, site)}
    ${view.groups.map((group, index) => renderGroup(group, index, view, isShort))} ${view.groups.length > 0 && LEGEND}
    ${renderAnnouncements('past', 'Past incidents and maintenance', view.past.slice(0, SHOWN_PAST), view, site)}`;
  return renderLayout(site, `${text} · ${site.page.name}`, body, renderFoot(site));
}

function renderFoot({ base, mayWrite }: Site): Html {
  return html`<ul>
    <li><a href="${base}/feed.atom">Atom feed</a></li>
    <li><a href="${base}/status.json">JSON</a></li>
    <li><a href="${base}/badge.svg">Badge</a></li>
    ${mayWrite && html`<li><a href="${base}/write">Write an incident or maintenance</a></li>`}
  </ul>`;
}

/** Says how old the page is where it is not of now. */
function renderAge({ atMs, dataAtMs, postsAtMs, groups }: StatusView): Html | undefined {
  const said: string[] = [];
  if (groups.length > 0 && dataAtMs !== undefined && isStale(dataAtMs, atMs))
    said.push(`Results are ${formatAge(atMs - dataAtMs)} old: newer ones cannot be read at the moment.`);
  if (groups.length > 0 && dataAtMs === undefined) said.push('No results can be read at the moment.');
  if (isStale(postsAtMs, atMs)) {
    const since = postsAtMs === undefined ? '' : ` of the last ${formatAge(atMs - postsAtMs)}`;
    said.push(`Incidents and maintenance${since} may be missing.`);
  }
  return said.length === 0
    ? undefined
    : html`<section class="notice" role="status">${said.map((one) => html`<p>${one}</p>`)}</section>`;
}

function renderAnnouncements(
  id: string,
  title: string,
  announcements: StatusView['open'],
  view: StatusView,
  site: Site,
): Html | undefined {
  // Only the past is told of where there is none of it.
  if (announcements.length === 0 && id !== 'past') return undefined;
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    ${
      announcements.length === 0
        ? html`<p class="soft">
            ${view.postsAtMs === undefined ? 'They cannot be read at the moment.' : `None in the last ${STATUS_DAYS} days.`}
          </p>`
        : announcements.map((one) => renderAnnouncement(one, site, id === 'past' ? 'short' : 'whole'))
    }
  </section>`;
}

function renderGroup(
  { name, description, monitors }: PublicGroup,
  index: number,
  view: StatusView,
  isShort: boolean,
): Html {
  const id = `group-${index}`;
  return html`<section aria-${name === undefined ? 'label' : 'labelledby'}="${name === undefined ? 'Systems' : id}">
    ${name !== undefined && html`<h2 id="${id}">${name}</h2>`}
    ${description !== undefined && html`<p class="soft">${description}</p>`}
    ${monitors.map((monitor) => renderMonitor(monitor, view, isShort))}
  </section>`;
}

function renderMonitor(monitor: PublicMonitor, { atMs, dataAtMs }: StatusView, isShort: boolean): Html {
  const { name, description, state, uptime90d, hours } = monitor;
  const last = hours.at(-1);
  return html`<div class="row">
    <div class="title">
      <h3><bdi>${name}</bdi></h3>
      <span class="state ${state}">${STATE_WORDS[state]}</span>
    </div>
    ${description !== undefined && html`<p class="soft">${description}</p>`} ${renderBars(monitor)}
    <div class="scale soft">
      <span>${STATUS_DAYS} days ago</span>
      <span>${uptime90d === undefined ? 'no results yet' : `${formatShare(uptime90d)} uptime`}</span>
      <span>Today</span>
    </div>
    ${
      last &&
      html`<details ${isShort && 'open'}>
        <summary class="soft">
          Response times of seven days (now ${formatDurationMs(last[1])}; 95 % within ${formatDurationMs(last[2])})
        </summary>
        ${renderChart(monitor, STATUS_HOURS, dataAtMs ?? atMs)}
      </details>`
    }
  </div>`;
}

/** For whoever has the console; the public never sees it. */
const ADVICE = html`<section aria-label="What to do next">
  <p>Say in <code>tocsin.yaml</code> which monitors the public may see, and by which name:</p>
  <pre tabindex="0">
status_page:
  name: Example Shop
  listen: 127.0.0.1:7603
  monitors:
    - { monitor: shop, name: Web shop }
</pre>
  <p>Nothing that is not named there is shown. <code>docs/status-page.md</code> says more.</p>
</section>`;

const LEGEND = html`<section aria-label="Legend">
  <ul class="legend soft">
    ${(
      [
        ['up', 'at least 99.9 % of the day up'],
        ['degraded', 'some trouble, or slow'],
        ['down', 'less than 98 % up'],
        ['maintenance', 'maintenance'],
        ['unknown', 'no results'],
      ] as const
    ).map(
      ([state, words]) =>
        html`<li>
          <svg viewBox="0 0 10 10" aria-hidden="true"><rect class="${state}" width="10" height="10" /></svg>${words}
        </li>`,
    )}
  </ul>
  <p class="soft">
    Days are of UTC. In charts the solid line is what half of the responses stayed within, the dashed one 95 %.
  </p>
</section>`;
