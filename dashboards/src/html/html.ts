/**
 * HTML that is safe to send: made by the `html` tag only. Whatever is put into such a template is escaped unless it is
 * itself `Html`, because telemetry is text that strangers write.
 */
export class Html {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  /** Joins the parts of a template; see `html`. */
  static join(strings: readonly string[], values: readonly HtmlValue[]): Html {
    return new Html(strings.reduce((text, part, index) => text + render(values[index - 1]) + part));
  }

  toString(): string {
    return this.#text;
  }
}

/** What may stand in a template: text (escaped), numbers, more HTML, lists of these; `undefined` and `false` show nothing. */
export type HtmlValue = string | number | Html | undefined | false | readonly HtmlValue[];

/** Template tag: `` html`<td title="${text}">${text}</td>` ``. Values are safe in text and in quoted attributes. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return Html.join(strings, values);
}

function render(value: HtmlValue): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Html) return value.toString();
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  return value.map(render).join('');
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** Control characters other than tab and line breaks: HTML forbids them, so they show as U+FFFD. */
// oxlint-disable-next-line no-control-regex -- naming control characters is the purpose here
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

/** Escapes text for HTML content and quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => ESCAPES[character] ?? character).replace(CONTROLS, '\ufffd');
}

/** The text cut to `limit` characters, with an ellipsis where something was cut. Never splits a surrogate pair. */
export function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const cut = text.slice(0, limit - 1);
  return `${cut.isWellFormed() ? cut : cut.slice(0, -1)}…`;
}

/** The URL when it is http(s), for a link that telemetry or an alert brought along; `undefined` for anything else. */
export function safeUrl(text: string): string | undefined {
  const url = URL.parse(text);
  return url && (url.protocol === 'https:' || url.protocol === 'http:') ? url.href : undefined;
}
