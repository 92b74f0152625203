import { describe, expect, test } from 'vitest';
import { compileTemplate, type TemplateData } from '../../src/template/template.ts';

const DATA: TemplateData = {
  labels: { service: 'shop', 'k8s.pod.name': 'shop-1', instance: 'db.example.com:9000' },
  annotations: { reason: 'connection refused' },
  value: 0.1234567,
  nowMs: 1_435_065_584_128,
  externalUrl: 'https://tocsin.example.com/watch/',
};
const expand = (source: string, data: Partial<TemplateData> = {}) =>
  compileTemplate(source).expand({ ...DATA, ...data });

/** Each row: what is written, what it becomes. */
const TABLE: Record<string, [string, string][]> = {
  'labels and values': [
    ['no action at all {', 'no action at all {'],
    ['{{ $labels.service }} and {{ .Labels.service }}', 'shop and shop'],
    ['{{ $value }}', '0.1234567'],
    ['[{{ $labels.missing }}]', '[]'],
    ['{{ index $labels "k8s.pod.name" }}', 'shop-1'],
    ['{{ $annotations.reason }}', 'connection refused'],
    ['{{ $externalURL }}|{{ externalURL }}|{{ pathPrefix }}', `${DATA.externalUrl}|${DATA.externalUrl}|/watch`],
    ['{{ with $labels }}{{ .service }}{{ end }}', 'shop'],
  ],
  'numbers print as in Go': [
    ['{{ 1000000 }} {{ 1000000.0 }} {{ 123456.5 }} {{ 0.00001 }} {{ -0.5 }}', '1000000 1e+06 123456.5 1e-05 -0.5'],
    ['{{ 1e21 }} {{ 1.5e7 }} {{ 0x1F }}', '1e+21 1.5e+07 31'],
  ],
  'white space and comments': [
    ['a  {{- " b " -}}  c', 'a b c'],
    ['a {{/* not shown */}} b', 'a  b'],
    ['a {{- /* not shown */ -}} b', 'ab'],
  ],
  pipelines: [
    ['{{ $labels.service | toUpper | printf "%s-%s" "x" }}', 'x-SHOP'],
    ['{{ ($labels.service | toUpper) }}', 'SHOP'],
    ['{{ printf "%.2f" $value }}', '0.12'],
    ['{{ `raw\\n` }}{{ "a\\tb\\u00e9" }}', 'raw\\na\tbé'],
  ],
  control: [
    ['{{ if gt $value 0.1 }}high{{ else }}low{{ end }}', 'high'],
    ['{{ if eq $labels.service "a" }}a{{ else if eq $labels.service "b" "shop" }}b{{ else }}c{{ end }}', 'b'],
    ['{{ if and $labels.service (not $labels.missing) }}yes{{ end }}', 'yes'],
    ['{{ if or false 0 0.0 "" }}yes{{ else }}no{{ end }}', 'no'],
    ['{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}', '2'],
    ['{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ end }}{{ $x }}', '1'],
    [
      '{{ range $name, $text := $labels }}{{ $name }}={{ $text }};{{ end }}',
      'instance=db.example.com:9000;k8s.pod.name=shop-1;service=shop;',
    ],
    ['{{ range .ExternalLabels }}x{{ else }}none{{ end }}', 'none'],
    ['{{ with $labels.missing }}x{{ else with $labels.service }}{{ . }}{{ end }}', 'shop'],
  ],
  'templates of their own': [
    ['{{ define "x" }}<{{ . }}>{{ end }}{{ template "x" $labels.service }}', '<shop>'],
    ['{{ template "x" 1 }}{{ define "x" }}{{ . }}{{ end }}', '1'],
    ['{{ define "x" }}[{{ . }}]{{ end }}{{ tmpl "x" "a" | toUpper }}', '[A]'],
    ['{{ define "x" }}{{ .arg0 }}-{{ .arg1 }}{{ end }}{{ template "x" (args 1 $labels.service) }}', '1-shop'],
    ['{{ block "x" $labels }}{{ .service }}{{ end }}', 'shop'],
    ['{{ define "x" }}{{ . }}{{ end }}{{ template "x" }}', '<no value>'],
  ],
  loops: [
    ['{{ range 3 }}{{ . }}{{ end }}', '012'],
    [
      '{{ range $x := 5 }}{{ if eq $x 1 }}{{ continue }}{{ end }}{{ if eq $x 3 }}{{ break }}{{ end }}{{ $x }}{{ end }}',
      '02',
    ],
  ],
  'times and durations': [
    ['{{ 1435065584.128 | toTime }}', '2015-06-23 13:19:44.128 +0000 UTC'],
    ['{{ (toTime 1435065584).Year }} {{ (toTime 1435065584).Month }} {{ (toTime 0).Weekday }}', '2015 June Thursday'],
    ['{{ (toTime 1435065584).Format "Mon, 02 Jan 2006 15:04:05 MST" }}', 'Tue, 23 Jun 2015 13:19:44 UTC'],
    ['{{ ($value | toTime).UTC.Format "2006-01-02T15:04:05.000Z07:00" }}', '1970-01-01T00:00:00.123Z'],
    ['{{ (toTime 1435065584).Format "3:04PM _2 1/2/06" }}', '1:19PM 23 6/23/15'],
    [
      '{{ toDuration 5400 }} {{ toDuration 1.5 }} {{ toDuration 0.2 }} {{ toDuration -90 }}',
      '1h30m0s 1.5s 200ms -1m30s',
    ],
  ],
  'external labels': [['[{{ $externalLabels.region }}]', '[]']],
  'text functions': [
    ['{{ slice "abcdef" 1 3 }} {{ js "it\'s <b>" }} {{ safeHtml "<b>" }}', "bc it\\'s \\u003Cb\\u003E <b>"],
    ['{{ title "the big shop" }} {{ toLower "ABC" }}', 'The Big Shop abc'],
    ['{{ match "^sh.p$" $labels.service }}', 'true'],
    ['{{ reReplaceAll "(.*)\\\\.example\\\\.com:(?P<port>\\\\d+)" "$1 at ${2}x" $labels.instance }}', 'db at 9000x'],
    ['{{ reReplaceAll "(?i)SH" "x" $labels.service }}', 'xop'],
    ['{{ match "[[:alpha:]]{4}\\\\z" $labels.service }} {{ match "\\\\Qe.c\\\\E" $labels.instance }}', 'true true'],
    [
      '{{ reReplaceAll "\\\\-" "_" "a-b" }} {{ reReplaceAll "(.*)" "<$1>" "shop" }} {{ reReplaceAll "x*" "-" "abc" }}',
      'a_b <shop> -a-b-c-',
    ],
    ['{{ reReplaceAll "(?P<a>s)|(b)" "[${a}$2$3$$]" "sb" }} {{ reReplaceAll "\\\\bb" "x" "ab b" }}', '[s$][b$] ab x'],
    [
      '{{ stripPort $labels.instance }} {{ stripDomain $labels.instance }} {{ stripPort "[::1]:80" }}',
      'db.example.com db:9000 ::1',
    ],
    ['{{ urlQueryEscape "a b&c" }} {{ html "<b>" }} {{ len "abc" }}', 'a+b%26c &#60;b&#62; 3'],
    ['{{ print 1 2 "x" 3 }}', '1 2x3'],
    ['{{ parseDuration "1h30m" }} {{ now }}', '5400 1.435065584128e+09'],
  ],
};

describe('a template', () => {
  for (const [name, rows] of Object.entries(TABLE))
    test.each(rows)(`${name}: %s`, (source, text) => expect(expand(source)).toBe(text));
});

describe('humanize functions', () => {
  test.each([
    ['humanize', 0, '0'],
    ['humanize', 1, '1'],
    ['humanize', 1_234_567, '1.235M'],
    ['humanize', 0.12, '120m'],
    ['humanize', -0.000_012_3, '-12.3u'],
    ['humanize', Number.NaN, 'NaN'],
    ['humanize', Number.POSITIVE_INFINITY, '+Inf'],
    ['humanize1024', 1_048_576, '1Mi'],
    ['humanize1024', 0.5, '0.5'],
    ['humanizeDuration', 0, '0s'],
    ['humanizeDuration', 1, '1s'],
    ['humanizeDuration', 59.6789, '59.68s'],
    ['humanizeDuration', 60, '1m 0s'],
    ['humanizeDuration', 3_600, '1h 0m 0s'],
    ['humanizeDuration', 86_400, '1d 0h 0m 0s'],
    ['humanizeDuration', -(86_400 + 3_600), '-1d 1h 0m 0s'],
    ['humanizeDuration', 0.1, '100ms'],
    ['humanizePercentage', 0.123_456_7, '12.35%'],
    ['humanizePercentage', 1, '100%'],
    ['humanizeTimestamp', 1_435_065_584.128, '2015-06-23 13:19:44.128 +0000 UTC'],
    ['humanizeTimestamp', 0, '1970-01-01 00:00:00 +0000 UTC'],
    ['humanizeTimestamp', 1_435_065_590, '2015-06-23 13:19:50 +0000 UTC'],
  ])('%s of %d is %s', (name, value, text) => expect(expand(`{{ $value | ${name} }}`, { value })).toBe(text));

  test('take numbers written as text', () => {
    expect(expand('{{ "1500" | humanize }} {{ 2048 | humanize1024 }}')).toBe('1.5k 2ki');
  });
});

describe('printf', () => {
  test.each([
    ['{{ printf "%d %5d|%-5d|%05d %x" 3 4 5 6 255 }}', '3     4|5    |00006 ff'],
    ['{{ printf "%q %v %s %t" "a\\"b" 1.5 "x" true }}', '"a\\"b" 1.5 x true'],
    [
      '{{ printf "%f %.1f %e %g %+.1f %6.2f|" 1.5 2.26 12345.678 0.0001 1.0 3.14159 }}',
      '1.500000 2.3 1.234568e+04 0.0001 +1.0   3.14|',
    ],
    ['{{ printf "100%%" }}', '100%'],
    ['{{ printf "%d" 3.0 }}', '%!d(float64=3)'],
    ['{{ printf "%s %s" "a" }}', 'a %!s(MISSING)'],
    ['{{ printf "a" "b" }}', 'a%!(EXTRA string=b)'],
  ])('%s', (source, text) => expect(expand(source)).toBe(text));
});

describe('what is wrong in a template becomes text', () => {
  test.each([
    ['{{ $labels.service', 'unclosed action'],
    ['{{ }}', 'missing value for a command'],
    ['{{ nope 1 }}', 'function "nope" not defined'],
    ['{{ constructor }}', 'function "constructor" not defined'],
    ['{{ $nope }}', 'undefined variable "$nope"'],
    ['{{ $value.x }}', "can't evaluate field x in type float64"],
    ['{{ if true }}', '{{if}} without {{end}}'],
    ['{{ end }}', 'unexpected {{end}}'],
    ['{{ "x" | humanize }}', 'humanize: "x" is not a number'],
    ['{{ template "x" }}', 'template "x" not defined'],
    ['{{ tmpl "x" . }}', 'template "x" not defined'],
    ['{{ define "x" }}{{ template "x" . }}{{ end }}{{ template "x" . }}', 'more than 100 templates inside each other'],
    ['{{ range 1000000000 }}{{ end }}', 'more than 100000 steps'],
    ['{{ (toTime $value).Nope }}', "can't evaluate field Nope in type time.Time"],
    ['{{ $labels.service 1 }}', "can't give arguments to what is not a function"],
    ['{{ slice "abc" 2 9 }}', 'slice index out of range: 2 9'],
    ['{{ toUpper }}', 'wrong number of args for toUpper: want 1 got 0'],
    ['{{ gt $value "a" }}', 'gt: incompatible types for comparison: float64 and string'],
    ['{{ (1 }}', 'unclosed parenthesis'],
    ['{{ 1 & 2 }}', 'unexpected "&" in an action'],
    ['{{ match "(" "a" }}', 'error parsing regexp: missing closing ): `(`'],
  ])('%s', (source, reason) => expect(expand(`before ${source}`)).toBe(`<error expanding template: ${reason}>`));

  test('also where it would nest or grow without end', () => {
    expect(expand(`{{ ${'('.repeat(200)}1${')'.repeat(200)} }}`)).toMatch(/^<error expanding template: more than 100/);
    expect(expand('{{ if true }}'.repeat(200) + '{{ end }}'.repeat(200))).toMatch(/^<error expanding template: more/);
    expect(expand('{{ printf "%999999999d" 1 }}')).toHaveLength(1_000);
  });

  test.each([
    [
      'a text that doubles',
      '{{ $x := "ab" }}{{ range 60 }}{{ $x = print $x $x }}{{ end }}',
      /more than 1000000 characters/,
    ],
    [
      'a list that doubles',
      '{{ $x := list "ab" }}{{ range 60 }}{{ $x = list $x $x }}{{ end }}',
      /more than 1000000 characters/,
    ],
    [
      'a long separator',
      '{{ $x := printf "%1000d" 1 }}{{ range 9 }}{{ $x = print $x $x }}{{ end }}{{ list 1 2 3 4 | join $x }}',
      /more than 1000000/,
    ],
    [
      'a long replacement',
      '{{ $x := printf "%1000d" 1 }}{{ range 9 }}{{ $x = print $x $x }}{{ end }}{{ reReplaceAll "" $x "abc" }}',
      /more than 1000000/,
    ],
    [
      'a loop over a long text',
      '{{ $x := printf "%1000d" 1 }}{{ range 9 }}{{ $x = print $x $x }}{{ end }}{{ range 9000 }}{{ $y := toUpper $x }}{{ end }}',
      /more than 20000000 characters made by functions/,
    ],
    [
      'blocks in templates in templates',
      `{{ define "r" }}${'{{ if true }}'.repeat(90)}{{ template "r" . }}${'{{ end }}'.repeat(90)}{{ end }}{{ template "r" . }}`,
      /too much inside each other/,
    ],
  ])('also where it would take memory or time without end: %s', (_, source, error) => {
    expect(expand(source)).toMatch(error);
  });

  test('a pattern takes no longer for what labels hold: it is tried in a time that grows with the text', () => {
    expect(expand('{{ match "^(a+)+$" $labels.x }}', { labels: { x: `${'a'.repeat(50_000)}b` } })).toBe('false');
  });
});
