/** HTML that is safe to insert as it is. */
export class SafeHtml {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A template tag for HTML: every value is escaped unless it is `SafeHtml` itself; lists are joined. */
export function markup(
  parts: TemplateStringsArray,
  ...values: readonly (string | SafeHtml | readonly SafeHtml[])[]
): SafeHtml {
  const filled = parts.map((part, index) => part + render(values[index] ?? ''));
  return new SafeHtml(filled.join(''));
}

function render(value: string | SafeHtml | readonly SafeHtml[]): string {
  if (typeof value === 'string') return escapeHtml(value);
  if (value instanceof SafeHtml) return value.text;
  return value.map(({ text }) => text).join('');
}

/** Text that shows as it is in HTML. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}
