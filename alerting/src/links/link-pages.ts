import { markup, SafeHtml } from '../channels/email/markup.ts';
import type { LinkSubject } from './link-store.ts';
import type { LinkAction } from './link-token.ts';

/** What is said where nothing stands behind a link. */
export const MISSING = 'This Tocsin cannot do that by a link; use its API.';

const STYLE = new SafeHtml(`<style>
body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:8vh auto;padding:0 1rem;color:#1c1e21;word-break:break-word}
h1{font-size:1.3rem}label{display:block;margin:0 0 1rem}
button{font:inherit;padding:.6rem 1.2rem;border:0;border-radius:6px;background:#1c1e21;color:#fff}
input,select{font:inherit;padding:.4rem;display:block}code{background:#eef0f3;padding:0 .3rem}
</style>`);

function document(title: string, body: SafeHtml): string {
  return markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${title}</title>${STYLE}</head><body><h1>${title}</h1>${body}</body></html>`.text;
}

/** A page with a sentence. */
export function page(title: string, sentence: string): string {
  return document(title, markup`<p>${sentence}</p>`);
}

/** Asks whether it is meant; a form without an address posts to the link itself. */
export function askPage(action: LinkAction, { title, labels }: LinkSubject, durations: readonly string[]): string {
  const shown = Object.entries(labels).map(([name, value]) => markup`<code>${name}=${value}</code> `);
  const options = durations.map((duration) => markup`<option>${duration}</option>`);
  const question =
    action === 'silence'
      ? markup`<p>Silence every alert with ${shown}?</p><label>For <select name="duration">${options}</select></label>`
      : markup`<p>Take this on? Nobody else is woken for it then.</p>`;
  const name = markup`<label>Your name <input name="name" autocomplete="name" maxlength="100"></label>`;
  const button = markup`<button>${action === 'silence' ? 'Silence' : 'Acknowledge'}</button>`;
  return document(title, markup`<form method="post">${question}${name}${button}</form>`);
}
