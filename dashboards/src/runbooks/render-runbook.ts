import { type Html, html } from '../html/html.ts';

/**
 * The Markdown of our runbooks as HTML: headings, paragraphs, lists of one level, fenced code, and in a line `code` and [links](to). What else Markdown
 * has is shown as it is written.
 */
export function renderRunbook(markdown: string): readonly Html[] {
  const blocks: Html[] = [];
  const lines = markdown.split('\n');
  let at = 0;
  const take = (belongs: (line: string) => boolean): string[] => {
    const from = at;
    while (at < lines.length && belongs(lines[at] ?? '')) at += 1;
    return lines.slice(from, at);
  };
  while (at < lines.length) {
    const line = lines[at] ?? '';
    if (line.startsWith('```')) {
      at += 1;
      const code = take((next) => !next.startsWith('```'));
      at += 1;
      blocks.push(html`<pre><code>${code.join('\n')}</code></pre>`);
    } else if (line.startsWith('- ')) {
      const items = take((next) => /^(?:- | {2}\S)/.test(next))
        .join('\n')
        .slice(2)
        .split('\n- ');
      blocks.push(
        html`<ul>
          ${items.map(renderItem)}
        </ul>`,
      );
    } else if (/^#{1,2} /.test(line)) {
      at += 1;
      blocks.push(line.startsWith('## ') ? html`<h2>${line.slice(3)}</h2>` : html`<h1>${line.slice(2)}</h1>`);
    } else if (line === '') at += 1;
    else blocks.push(html`<p>${renderText(take((next) => next !== '' && !/^(?:- |#|```)/.test(next)).join(' '))}</p>`);
  }
  return blocks;
}

function renderItem(item: string): Html {
  return html`<li>${renderText(item.replaceAll('\n  ', ' '))}</li>`;
}

function renderText(text: string): readonly (Html | string)[] {
  return text.split(/(`[^`]+`|\[[^\]]+\]\([^)\s]+\))/).map((piece) => {
    if (piece.length > 2 && piece.startsWith('`')) return html`<code>${piece.slice(1, -1)}</code>`;
    const [, label, target] = /^\[([^\]]+)\]\(([^)\s]+)\)$/.exec(piece) ?? [];
    if (label === undefined || target === undefined) return piece;
    // Another runbook is a page here; other files of the documentation are not.
    const [, other] = /^(\w+)\.md$/.exec(target) ?? [];
    if (other !== undefined) return html`<a href="/runbooks/${other === 'README' ? '' : other}">${label}</a>`;
    return html`${label} (<code>${target.replace(/^(?:\.\.\/)+/, '')}</code>)`;
  });
}
