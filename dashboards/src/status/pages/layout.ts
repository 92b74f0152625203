import type { StatusPageConfig } from '@tocsin/service/config';
import { html, Html } from '../../html/html.ts';
import type { Clock } from './words.ts';
import type { Look } from './style.ts';

/** Where a page is served, and what all pages have in common. */
export interface Site {
  /** Before all its paths: nothing on its own port, `/status` on the console. */
  readonly base: string;
  readonly page: StatusPageConfig;
  readonly look: Look;
  readonly clock: Clock;
  readonly hasLogo: boolean;
  /** The public reads nothing that is for those who run it. */
  readonly isPublic: boolean;
  /** Whether incidents are written here. */
  readonly mayWrite: boolean;
}

/** Writes a page: doctype to end, ready to send. */
export function renderLayout(site: Site, title: string, body: Html, foot: Html): string {
  const { base, page, look, hasLogo } = site;
  const { name, description, homepage, footer } = page;
  const logo = hasLogo && html`<img src="${base}/logo" alt="" />`;
  const head = html`${logo}${name}`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        ${description !== undefined && html`<meta name="description" content="${description}" />`}
        <link rel="icon" href="${base}/icon.svg" type="image/svg+xml" />
        <link rel="alternate" type="application/atom+xml" title="${name}" href="${base}/feed.atom" />
        ${Html.join([`<style>${look.style}</style>`], [])}
      </head>
      <body>
        <header class="head">
          <div class="wide">
            <h1>${homepage === undefined ? head : html`<a href="${homepage}" rel="noreferrer">${head}</a>`}</h1>
            ${description !== undefined && html`<p>${description}</p>`}
          </div>
        </header>
        <main class="wide">${body}</main>
        <footer class="wide">${footer !== undefined && html`<p class="text">${footer}</p>`} ${foot}</footer>
      </body>
    </html> `.toString();
}

/** A time for people and machines. */
export function renderMoment(atMs: number, clock: Clock): Html {
  return html`<time datetime="${new Date(atMs).toISOString()}">${clock.time(atMs)}</time>`;
}
