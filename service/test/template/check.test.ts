import { describe, expect, test } from 'vitest';
import { checkTemplate } from '../../src/template/check.ts';

describe('the check of a template finds', () => {
  test.each([
    ['{{ $labels.service', 'unclosed action'],
    ['{{ nope 1 }}', 'function "nope" not defined'],
    ['{{ constructor }}', 'function "constructor" not defined'],
    ['{{ if false }}{{ nope }}{{ end }}', 'function "nope" not defined'],
    ['{{ $nope }}', 'undefined variable "$nope"'],
    ['{{ $x = 1 }}', 'undefined variable "$x"'],
    ['{{ if true }}{{ $x := 1 }}{{ end }}{{ $x }}', 'undefined variable "$x"'],
    ['{{ define "x" }}{{ $labels.a }}{{ end }}', 'undefined variable "$labels"'],
    ['{{ template "x" }}', 'template "x" not defined'],
    ['{{ define "x" }}{{ end }}{{ define "x" }}{{ end }}', 'template "x" defined twice'],
    ['{{ if true }}{{ define "x" }}{{ end }}{{ end }}', 'unexpected {{define}}'],
    ['{{ template x }}', 'expected a name in quotes after {{template'],
    ['{{ break }}', '{{break}} outside {{range}}'],
    ['{{ toUpper }}', 'wrong number of args for toUpper: want 1 got 0'],
    ['{{ $value | humanize 1 }}', 'wrong number of args for humanize: want 1 got 2'],
    ['{{ printf "%s" (toLower) }}', 'wrong number of args for toLower: want 1 got 0'],
    ['{{ print now (eq 1) }}', 'wrong number of args for eq: want at least 2 got 1'],
    ['{{ slice 1 2 3 4 5 }}', 'wrong number of args for slice: want at most 4 got 5'],
  ])('%s', (source, reason) => expect(checkTemplate(source)).toBe(reason));

  test.each([
    'query "SELECT 1 AS value" | first | value',
    'range query "SELECT 1 AS value" | sortByLabel "a" }}{{ label "a" . }}{{ strvalue . }}{{ end',
    'graphLink "SELECT 1"',
    'tableLink "SELECT 1"',
  ])('%s is good', (call) => {
    expect(checkTemplate(`{{ ${call} }}`)).toBeUndefined();
  });

  test.each([
    ['query', 'wrong number of args for query: want 1 got 0'],
    ['sortByLabel "a"', 'wrong number of args for sortByLabel: want 2 got 1'],
  ])('%s has too few arguments', (call, message) => {
    expect(checkTemplate(`{{ ${call} }}`)).toBe(message);
  });
});

test.each([
  'no action at all {',
  '{{ $labels.service | toUpper | printf "%s-%s" "x" }}',
  '{{ range $name, $text := $labels }}{{ $name }}={{ $text }}{{ continue }}{{ else }}{{ $value }}{{ end }}',
  '{{ $x := 1 }}{{ if $x }}{{ $x = 2 }}{{ end }}{{ $.Labels.a }}{{ .Value }}{{ $externalURL }}{{ $externalLabels.a }}',
  '{{ define "x" }}{{ . }}{{ $.a }}{{ end }}{{ template "x" (args 1 2) }}{{ tmpl "x" . }}{{ block "y" . }}{{ end }}',
  '{{ (toTime $value).Format "2006" }}{{ with $annotations.reason }}: {{ . }}{{ end }}',
])('the check of a template finds nothing in %s', (source) => expect(checkTemplate(source)).toBeUndefined());
