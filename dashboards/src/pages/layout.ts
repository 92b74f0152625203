import { html, Html } from '../html/html.ts';
import { formatTime } from '../html/format.ts';
import type { Unavailable } from '../part.ts';
import { STYLE } from './style.ts';

/** A whole page. */
export interface PageOptions {
  readonly title: string;
  /** Seconds after which the browser loads it again; `undefined`: never. */
  readonly refreshSeconds?: number;
  readonly body: Html;
  /** Shown as the time of the data, Unix ms. */
  readonly atMs: number;
  readonly nav?: readonly { readonly text: string; readonly href: string }[];
}

const BELL = html`<svg viewBox="0 0 24 24" aria-hidden="true">
  <path
    d="M12 2a2 2 0 0 0-2 2v.6A6.5 6.5 0 0 0 5.500 11v4L3.600 17.600A1 1 0 0 0 4.400 19.200h15.200a1 1 0 0 0 .8-1.600L18.500 15v-4A6.500 6.500 0 0 0 14 4.600V4a2 2 0 0 0-2-2zM9.500 20.500a2.600 2.600 0 0 0 5 0z"
  />
</svg>`;

/** Constant text of ours, not telemetry: the style sheet must reach the page byte for byte, or its hash would not match. */
const STYLE_ELEMENT = Html.join([`<style>${STYLE}</style>`], []);

/** Writes a page: doctype to end, ready to send. */
export function renderPage({ title, refreshSeconds, body, atMs, nav = [] }: PageOptions): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        ${refreshSeconds !== undefined && html`<meta http-equiv="refresh" content="${refreshSeconds}" />`}
        <title>${title}</title>
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        ${STYLE_ELEMENT}
      </head>
      <body>
        <header>
          <a class="brand" href="/">${BELL}Tocsin</a>
          <nav aria-label="Links">
            ${nav.map(({ text, href }) => html`<a href="${href}" rel="noreferrer">${text}</a> `)}
          </nav>
        </header>
        <main>${body}</main>
        <footer>
          As of
          ${renderTime(atMs)}${refreshSeconds !== undefined && html`; this page renews itself every ${refreshSeconds} seconds`}.
        </footer>
      </body>
    </html> `;
  return page.toString();
}

/** A time for people and machines; in UTC. */
export function renderTime(atMs: number, text = formatTime(atMs)): Html {
  return html`<time datetime="${new Date(atMs).toISOString()}" title="${formatTime(atMs)}">${text}</time>`;
}

/** Says that a part of the page is missing, and why. */
export function renderUnavailable(part: Unavailable): Html {
  return html`<p class="notice" role="status">${part.message}</p>`;
}
