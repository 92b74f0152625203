import { describe, expect, it } from 'vitest';
import { formatRead } from './matchers-shown.ts';

describe('a matcher', () => {
  it.each([
    // Both forms agree.
    ['severity="page"', 'severity = page'],
    [' severity = "page" ', 'severity = page'],
    ['severity=page', 'severity = page'],
    ['team!=ops', 'team != ops'],
    ['service=~"web-.*"', 'service =~ web-.*'],
    ['service!~"web-.*|db"', 'service !~ web-.*|db'],
    ['quote="She said: \\"Hi, ladies!\\""', 'quote = She said: "Hi, ladies!"'],
    ['path="C:\\\\temp"', 'path = C:\\temp'],
    ['text="a\\nb"', 'text = a\nb'],
    ['a="=~"', 'a = =~'],
    ['emoji="🙂"', 'emoji = 🙂'],
    // Only the older form.
    ['status=~5..', 'status =~ 5..'],
    ['status=~"\\d+"', 'status =~ \\d+'],
    ['empty=', 'empty = '],
    ['service=~foo1|foo2', 'service =~ foo1|foo2'],
    ['service=~(a|b)', 'service =~ (a|b)'],
    ['a=b c', 'a = b c'],
    ['a:b=c', 'a:b = c'],
    // Only the newer form.
    ['"service.name"="web shop"', 'service.name = web shop'],
    ['service.name=web', 'service.name = web'],
    ['"Länge \\u00e9"=~"\\\\d+"', 'Länge é =~ \\d+'],
    ['Σ=φ', 'Σ = φ'],
    ['"a\\x41"=b', 'aA = b'],
    // They disagree: the older counts.
    ['tab="a\\tb"', 'tab = a\\tb'],
  ])('%s', (text, expected) => {
    expect(formatRead(text)).toEqual([expected]);
  });

  it.each([
    ['{foo="bar", dings!="bums"}', ['foo = bar', 'dings != bums']],
    ['{foo = "bar", dings != "bums", }', ['foo = bar', 'dings != bums']],
    ['foo=bar,dings!=bums', ['foo = bar', 'dings != bums']],
    ['{"a b"="c, d", e=~"f"}', ['a b = c, d', 'e =~ f']],
    ['{}', []],
  ])('may stand beside others: %s', (text, expected) => {
    expect(formatRead(text)).toEqual(expected);
  });

  it.each([
    'severity',
    '=page',
    '"service.name"',
    'a="b',
    'a=b"c',
    'a="b"c"',
    '"a.b"="c" "d.e"="f"',
    '{"a.b"="c"',
    '"a.b"="c"}',
    '"a.b"="\\q"',
    '"a.b"="\\xff"',
    '""="b"',
    ',',
    'a==~"b"c"',
  ])('is not %s', (text) => {
    expect(formatRead(text)).toBe('a matcher such as severity="page" or service=~"web-.*"');
  });

  it.each([
    ['a=~"("', "a regular expression in RE2's syntax (missing closing ): `(`)"],
    ['a=~"(?=b)"', "a regular expression in RE2's syntax (invalid or unsupported Perl syntax: `(?=`)"],
  ])('has a regular expression of RE2: %s', (text, expected) => {
    expect(formatRead(text)).toBe(expected);
  });
});
