import { describe, expect, test } from 'vitest';
import { formatTitle } from '../../src/channels/content.ts';
import { readDefinitions } from '../../src/template/definitions.ts';
import { expandText, fillText, messageScope } from '../../src/template/message-template.ts';
import { sampleAlert, sampleNotification, SINCE_MS } from '../channels/sample.ts';

const NOTIFICATION = sampleNotification({
  firing: [sampleAlert({ route: '/a' }), sampleAlert({ route: '/b' })],
  resolved: [sampleAlert({ route: '/c' }, {}, SINCE_MS + 60_000)],
  createdAtMs: SINCE_MS + 3_723_000,
});
const scopeWith = (...texts: string[]) => {
  const definitions = readDefinitions(texts.map((text, at) => ({ file: `${at}.tmpl`, text })));
  return messageScope(NOTIFICATION, { consoleUrl: 'http://c.example', definitions });
};
const expand = (source: string, ...files: string[]) => expandText(source, scopeWith(...files));

/** Each row: what is written, what it becomes. Source: Alertmanager documentation, "Notification template reference". */
const TABLE: Record<string, [string, string][]> = {
  data: [
    ['{{ .Receiver }} {{ .Status }} {{ .ExternalURL }}', 'team firing http://c.example'],
    [
      '{{ .GroupLabels.alertname }} {{ .CommonLabels.service }} {{ .CommonAnnotations.summary }}',
      'HighErrorRate shop shop: 37% of requests fail',
    ],
    ['{{ len .Alerts }} {{ .Alerts.Firing | len }} {{ len .Alerts.Resolved }}', '3 2 1'],
    ['{{ range .Alerts }}{{ .Status }} {{ .Labels.route }};{{ end }}', 'firing /a;firing /b;resolved /c;'],
    ['{{ range .Alerts.Firing }}{{ .Labels.route }}{{ end }}', '/a/b'],
    ['{{ range $i, $a := .Alerts.Firing }}{{ $i }}{{ $a.Labels.route }} {{ end }}', '0/a 1/b '],
    ['{{ if gt (len .Alerts.Firing) 1 }}many{{ else }}one{{ end }}', 'many'],
    ['{{ with index .Alerts.Firing 0 }}{{ .Labels.route }}{{ end }}', '/a'],
    ['{{ .CommonLabels.nothing }}|', '|'],
    ['{{ (index .Alerts 0).Labels.route }}{{ (index .Alerts 2).Status }}', '/aresolved'],
    ['{{ range $i, $a := .Alerts }}{{ if $i }}, {{ end }}{{ $a.Labels.route }}{{ end }}', '/a, /b, /c'],
    ['{{ range slice .Alerts 1 2 }}{{ .Labels.route }}{{ end }}', '/b'],
  ],
  'names and values': [
    [
      '{{ range .CommonLabels.SortedPairs }}{{ .Name }}={{ .Value }} {{ end }}',
      'alertname=HighErrorRate service=shop severity=page ',
    ],
    [
      '{{ .CommonLabels.Names | join "," }} {{ .CommonLabels.Values | join "," }}',
      'alertname,service,severity HighErrorRate,shop,page',
    ],
    ['{{ (.CommonLabels.Remove .GroupLabels.Names).Values | join " " }}', 'shop page'],
    [
      '{{ .CommonLabels.SortedPairs.Values | join " " }}|{{ .GroupLabels.SortedPairs.Names | join " " }}',
      'HighErrorRate shop page|alertname',
    ],
    [
      '{{ range (.CommonLabels.Remove (stringSlice "severity")).SortedPairs }}{{ .Name }} {{ end }}',
      'alertname service ',
    ],
  ],
  times: [
    ['{{ (index .Alerts.Firing 0).StartsAt }}', '2026-11-20 10:03:12 +0000 UTC'],
    [
      '{{ range .Alerts.Resolved }}{{ .StartsAt.Format "15:04" }}–{{ .EndsAt.Format "02 Jan 2006 15:04:05 MST" }}{{ end }}',
      '10:03–20 Nov 2026 10:04:12 UTC',
    ],
    [
      '{{ range .Alerts.Resolved }}{{ .StartsAt | tz "Europe/Berlin" | date "Mon 3:04PM -07:00" }}{{ end }}',
      'Fri 11:03AM +01:00',
    ],
    ['{{ since (index .Alerts.Firing 0).StartsAt }}', '1h2m3s'],
    ['{{ ((index .Alerts 0).StartsAt.Add 28800e9).Format "2006-01-02 15:04:05" }}', '2026-11-20 18:03:12'],
    [
      '{{ range .Alerts.Resolved }}{{ .EndsAt.Sub .StartsAt }} {{ (.EndsAt.Sub .StartsAt).Minutes }} {{ .EndsAt.After .StartsAt }}{{ end }}',
      '1m0s 1 true',
    ],
    ['{{ (index .Alerts.Firing 0).EndsAt }}', '0001-01-01 00:00:00 +0000 UTC'],
    ['{{ (index .Alerts.Firing 0).StartsAt.Unix }}', '1795168992'],
  ],
  functions: [
    ['{{ "  a " | trimSpace }}|{{ "a b" | title }}|{{ toUpper "x" }}', 'a|A B|X'],
    ['{{ match "^sh" .CommonLabels.service }} {{ reReplaceAll "s(h)op" "$1" .CommonLabels.service }}', 'true h'],
    ['{{ stringSlice "a" "b" | join "-" }} {{ append (list "a") "b" | join "+" }}', 'a-b a+b'],
    ['{{ toJson .CommonLabels }}', '{"alertname":"HighErrorRate","service":"shop","severity":"page"}'],
    ['{{ toJson (dict "a" 1 "b" (list "x")) }}', '{"a":1,"b":["x"]}'],
    ['{{ urlUnescape "a%20b" }} {{ safeUrl "http://x" }}', 'a b http://x'],
  ],
};

describe.each(Object.entries(TABLE))('%s', (_name, rows) => {
  test.each(rows)('%s', (source, expected) => {
    expect(expand(source)).toBe(expected);
  });
});

test.each([
  '{{ .Nope.x }}',
  '{{ nope }}',
  '{{ if }}',
  '{{ tz "Mars" (index .Alerts.Firing 0).StartsAt }}',
  '{{ join 1 2 }}',
])('%s is said to be wrong', (source) => {
  expect(expand(source)).toMatchObject({ error: expect.any(String) });
});

describe('a text that is HTML', () => {
  const hostile = sampleNotification({ firing: [sampleAlert({ service: `<img src=x onerror="a('b')">` })] });
  const html = (source: string, ...files: string[]) => {
    const definitions = readDefinitions(files.map((text, at) => ({ file: `${at}.tmpl`, text })));
    const scope = messageScope(hostile, { consoleUrl: 'http://c.example/?a&b', definitions });
    return expandText(source, { ...scope, isHtml: true });
  };
  const shown = '&lt;img src=x onerror=&quot;a(&#39;b&#39;)&quot;&gt;';

  test.each([
    ['{{ .CommonLabels.service }}', shown],
    ['<b title="{{ .CommonLabels.service | toLower }}">{{ len .Alerts }}</b>', `<b title="${shown}">1</b>`],
    ['{{ template "own" . }}{{ tmpl "own" . }}', `<i>${shown}</i><i>${shown}</i>`],
    ['{{ safeHtml "<hr>" }}{{ "<hr>" | safeHtml }}{{ "<" | html }}', '<hr><hr>&#60;'],
    ['{{ template "__alertmanagerURL" . }}', 'http://c.example/?a&amp;b'],
  ])('takes no markup out of labels: %s', (source, text) => {
    expect(html(source, '{{ define "own" }}<i>{{ .CommonLabels.service }}</i>{{ end }}')).toBe(text);
  });

  test('may hold the default ones, whose own markup stays', () => {
    expect(html('{{ template "email.default.html" . }}')).toMatch(/^<!doctype html>/);
    expect(html('{{ template "__subject" . }}')).toContain('&lt;img src=x');
  });
});

describe('files of templates', () => {
  const line = '{{ define "line" }}{{ .Status | toUpper }}: {{ template "names" . }}{{ end }}';
  const names = '{{ define "names" }}{{ .CommonLabels.Values | join "/" }}{{ end }}\nwhat stands outside is nothing';

  test('define what the texts of channels use, across files', () => {
    expect(expand('{{ template "line" . }}!', line, names)).toBe(
      expand('{{ .Status | toUpper }}: {{ .CommonLabels.Values | join "/" }}!'),
    );
  });

  test('may define one of the default texts anew; of two definitions the later counts', () => {
    const title = '{{ template "slack.default.title" . }}';
    const own = (text: string): string => `{{ define "slack.default.title" }}${text}{{ end }}`;
    expect(fillText(title, 'ours', scopeWith())).toBe('ours');
    expect(fillText(title, 'ours', scopeWith(own('mine')))).toBe('mine');
    expect(fillText(title, 'ours', scopeWith(own('mine'), own('newer')))).toBe('newer');
  });

  test('and other texts may use the default ones inside: our words stand there', () => {
    expect(expand('{{ template "__subject" . }}')).toBe(formatTitle(NOTIFICATION));
    expect(expand('prod {{ template "slack.default.title" . }}')).toBe(`prod ${formatTitle(NOTIFICATION)}`);
    expect(expand('{{ template "own" . }}', '{{ define "own" }}{{ template "__alertmanagerURL" . }}{{ end }}')).toBe(
      'http://c.example',
    );
    expect(expand('{{ template "__text_alert_list" .Alerts.Firing }}')).toContain('2 alerts are firing.');
    expect(expand('{{ template "slack.default.nothing" . }}')).toMatchObject({
      error: expect.stringContaining('not defined'),
    });
  });

  test('what they do not define costs no message', () => {
    expect(fillText('{{ template "nothing" . }}', 'ours', scopeWith(line))).toMatch(/^ours\n.*"nothing" not defined/s);
  });
});
