import { describe, expect, test } from 'vitest';
import { html, safeUrl, shorten } from '../src/html/html.ts';

const HOSTILE = `"><script>alert('x')</script>\`&<!--`;

describe('the html tag', () => {
  test('escapes text in content and in attributes', () => {
    const page = html`<a title="${HOSTILE}">${HOSTILE}</a>`.toString();
    expect(page).not.toMatch(/<script|<!--/);
    expect(page.match(/"/g)).toHaveLength(2);
    expect(page).not.toContain("'");
    expect(page).not.toContain('`');
    expect(page).toContain('&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&#96;&amp;&lt;!--');
  });

  test('keeps HTML it has made itself and lists of it', () => {
    const marks = ['<', '&'].map((text) => html`<b>${text}</b>`);
    expect(html`<p>${marks}</p>`.toString()).toBe('<p><b>&lt;</b><b>&amp;</b></p>');
  });

  test('escapes text in lists of any depth', () => {
    expect(html`${[['<b>'], '<i>']}`.toString()).toBe('&lt;b&gt;&lt;i&gt;');
  });

  test('shows nothing for undefined and false, and zero as zero', () => {
    expect(html`[${undefined}${false}${0}]`.toString()).toBe('[0]');
  });

  test('shows control characters as replacement characters', () => {
    expect(html`a${'\u0000\u0008\u001b'}b${'\t\n'}`.toString()).toBe('a\ufffd\ufffd\ufffdb\t\n');
  });
});

test('shorten never splits a surrogate pair', () => {
  expect(shorten('ab😀cd', 4)).toBe('ab…');
  expect(shorten('abcd', 4)).toBe('abcd');
  expect(shorten('abcde', 4)).toBe('abc…');
});

test('only http and https links are followed', () => {
  expect(safeUrl('https://example.com/a')).toBe('https://example.com/a');
  for (const text of ['javascript:alert(1)', 'data:text/html,x', ' java\nscript:alert(1)', '/relative', '']) {
    expect(safeUrl(text)).toBeUndefined();
  }
});
