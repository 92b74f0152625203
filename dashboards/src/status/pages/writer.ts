import { html, type Html } from '../../html/html.ts';
import type { Part } from '../../part.ts';
import { INCIDENT_STATUSES, MAINTENANCE_STATUSES, type Post, STATUS_WORDS } from '../posts.ts';
import { renderLayout, renderMoment, type Site } from './layout.ts';

/** What the page of forms shows. */
export interface WriterOptions {
  readonly site: Site;
  readonly posts: Part<readonly Post[]>;
  /** Why what was sent was not taken. */
  readonly fault: string | undefined;
  /** What was sent then: nobody writes it again. */
  readonly form: URLSearchParams | undefined;
  readonly nowMs: number;
}

/** The page on which incidents and maintenance are written. */
export function renderWriter({ site, posts, fault, form, nowMs }: WriterOptions): string {
  const given = form ?? new URLSearchParams();
  const going = posts.status === 'ok' ? posts.value.filter(({ endedAtMs }) => endedAtMs === undefined) : [];
  const over = posts.status === 'ok' ? posts.value.filter(({ endedAtMs }) => endedAtMs !== undefined) : [];
  const body = html`<p><a href="${site.base}">The status page</a></p>
    ${fault !== undefined && html`<section class="notice" role="alert"><p>It was not saved: ${fault}</p></section>`}
    ${posts.status !== 'ok' && html`<section class="notice" role="status"><p>${posts.message}</p></section>`}
    ${
      going.length > 0 &&
      html`<section aria-labelledby="going">
        <h2 id="going">What goes on, and what is announced</h2>
        ${going.map((post) => renderPost(post, site))}
      </section>`
    }
    ${renderIncidentForm(site, given)} ${renderMaintenanceForm(site, given, nowMs)}
    ${
      over.length > 0 &&
      html`<section aria-labelledby="over">
        <h2 id="over">Over</h2>
        ${over.map((post) => renderPost(post, site))}
      </section>`
    }`;
  return renderLayout(site, `Write · ${site.page.name}`, body, html``);
}

function renderPost({ id, kind, title, status, startsAtMs, updates }: Post, site: Site): Html {
  const last = updates.at(-1);
  return html`<article class="post">
    <div class="title">
      <h3>${title}</h3>
      <span class="state">${STATUS_WORDS[status]}</span>
    </div>
    <p class="soft">${kind === 'incident' ? 'Incident' : 'Maintenance'} of ${renderMoment(startsAtMs, site.clock)}</p>
    ${last && html`<p class="text">${last.text}</p>`}
    <details>
      <summary>Tell readers more, or delete it</summary>
      <form method="post" action="${site.base}/write/${id}">
        <label
          >Status
          ${renderSelect('status', kind === 'incident' ? INCIDENT_STATUSES : MAINTENANCE_STATUSES, STATUS_WORDS, status)}
        </label>
        <label>Text <textarea name="text" rows="3" maxlength="5000" required></textarea></label>
        <button>Publish the update</button>
      </form>
      <form method="post" action="${site.base}/write/${id}/delete">
        <button class="quiet">Delete “${title}” with its updates</button>
      </form>
    </details>
  </article>`;
}

function renderIncidentForm(site: Site, given: URLSearchParams): Html {
  const own = given.get('kind') === 'incident' ? given : new URLSearchParams();
  return html`<section aria-labelledby="incident">
    <h2 id="incident">A new incident</h2>
    <form method="post" action="${site.base}/write">
      <input type="hidden" name="kind" value="incident" />
      ${renderTexts(own)}
      <label>Status ${renderSelect('status', INCIDENT_STATUSES, STATUS_WORDS, own.get('status'))}</label>
      <label
        >What is affected is
        ${renderSelect(
          'impact',
          ['none', 'degraded', 'down'],
          { none: 'as measured', degraded: 'degraded', down: 'down' },
          own.get('impact'),
        )}
      </label>
      ${renderMonitors(site, own)}
      <button>Publish the incident</button>
    </form>
  </section>`;
}

function renderMaintenanceForm(site: Site, given: URLSearchParams, nowMs: number): Html {
  const own = given.get('kind') === 'maintenance' ? given : new URLSearchParams();
  const { timeZone } = site.page;
  const soon = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(timeZone).add({ days: 1 });
  const field = (hours: number): string => soon.round('hour').add({ hours }).toPlainDateTime().toString().slice(0, 16);
  return html`<section aria-labelledby="maintenance">
    <h2 id="maintenance">Announce maintenance</h2>
    <form method="post" action="${site.base}/write">
      <input type="hidden" name="kind" value="maintenance" />
      ${renderTexts(own)}
      <label
        >Begin (${timeZone})
        <input type="datetime-local" name="starts" value="${own.get('starts') ?? field(0)}" required />
      </label>
      <label
        >End (${timeZone})
        <input type="datetime-local" name="ends" value="${own.get('ends') ?? field(1)}" required />
      </label>
      ${renderMonitors(site, own)}
      <button>Announce it</button>
    </form>
  </section>`;
}

function renderTexts(given: URLSearchParams): Html {
  return html`<label
      >Title <input type="text" name="title" maxlength="200" value="${given.get('title') ?? ''}" required
    /></label>
    <label>Text <textarea name="text" rows="4" maxlength="5000" required>${given.get('text') ?? ''}</textarea></label>`;
}

function renderMonitors({ page: { groups } }: Site, given: URLSearchParams): Html | undefined {
  if (groups.length === 0) return undefined;
  const chosen = new Set(given.getAll('monitor'));
  return html`<fieldset>
    <legend>Affected</legend>
    ${groups.flatMap(({ monitors }) =>
      monitors.map(
        ({ monitor, name }) =>
          html`<label class="choice"
            ><input type="checkbox" name="monitor" value="${monitor}" ${chosen.has(monitor) && 'checked'} />
            ${name}</label
          >`,
      ),
    )}
  </fieldset>`;
}

function renderSelect<Choice extends string>(
  name: string,
  choices: readonly Choice[],
  words: Readonly<Record<Choice, string>>,
  chosen: string | null,
): Html {
  return html`<select name="${name}">
    ${choices.map(
      (choice) => html`<option value="${choice}" ${choice === chosen && 'selected'}>${words[choice]}</option>`,
    )}
  </select>`;
}
