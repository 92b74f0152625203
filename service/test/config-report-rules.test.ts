import { describe, expect, it } from 'vitest';
import { report } from './report.ts';

const MAIN =
  'rule_files: [rules.yaml]\nmonitors: [{ name: shop, http: "http://x/" }, { name: shop-2, http: "http://y/" }]\n';
const rule = (lines: string): string =>
  `groups:\n- name: web\n  rules:\n  - alert: A\n    sql: SELECT 1 AS value\n    ${lines}\n`;
const slo = (lines: string): string => `slos:\n- name: s\n  ${lines.replaceAll('\n', '\n  ')}\n`;
const of = async (rules: string, main = MAIN): Promise<string[]> =>
  report({ 'tocsin.yaml': main, 'rules.yaml': rules });

/** What is wrong in a rule, and what the report says of its line. */
const WRONG_RULE: readonly (readonly [lines: string, said: string])[] = [
  [
    'expr: up == 0',
    'expr: expected sql: with a query of ClickHouse in its place (PromQL is not supported yet), found "up == 0"',
  ],
  [
    'record: a:b',
    'record: expected alert: and sql: (there are no recording rules: ask for the rows in the SQL of the rule that needs them), found "a:b"',
  ],
  ['for: soon', 'for: expected a duration such as 10s, 1m30s or 500ms, found "soon"'],
  ['keep_firing_for: -1m', 'keep_firing_for: expected a duration such as 10s, 1m30s or 500ms, found "-1m"'],
  ['no_data: error', 'no_data: expected one of "ok", "keep", "alert", found "error"'],
  ['severity: ""', 'severity: expected text that is not empty, found ""'],
  ['runbook_url: wiki/a', 'runbook_url: expected an http:// or https:// URL, found "wiki/a"'],
  [
    'labels: { a: "{{ $labels.b" }',
    'labels.a: expected a template that can be filled in (unclosed action), found "{{ $labels.b"',
  ],
  [
    'annotations: { a: "{{ nope }}" }',
    'annotations.a: expected a template that can be filled in (function "nope" not defined), found "{{ nope }}"',
  ],
  ['labels: { a-b: c }', 'labels.a-b: expected a label name: letters, digits and _, found "c"'],
  ['annotation: {}', 'annotation: expected a known key, found unknown key "annotation" (did you mean "annotations"?)'],
];

describe('the report names what is wrong in a rule', () => {
  it.each(WRONG_RULE)('%s', async (lines, said) => {
    expect(await of(rule(lines))).toEqual([`rules.yaml:6: groups[0].rules[0].${said}`]);
  });

  it('a shorthand beside what it stands for', async () => {
    expect(await of(rule('severity: page\n    labels: { severity: ticket }'))).toEqual([
      'rules.yaml:6: groups[0].rules[0].severity: expected either severity or labels.severity, not both, found "page"',
    ]);
    expect(await of(rule('annotations: { runbook_url: http://a }\n    runbook_url: http://b'))).toEqual([
      'rules.yaml:7: groups[0].rules[0].runbook_url: expected either runbook_url or annotations.runbook_url, not both, found "http://b"',
    ]);
  });

  it('without a name or a query', async () => {
    expect(await of('groups:\n- name: web\n  rules:\n  - for: 1m\n')).toEqual([
      'rules.yaml:4: groups[0].rules[0].alert: expected text that is not empty, found nothing',
      'rules.yaml:4: groups[0].rules[0].sql: expected text that is not empty, found nothing',
    ]);
  });
});

describe('the report names what is wrong in a group', () => {
  it.each([
    ['interval: 0', 'interval: expected a duration above zero such as 10s or 5m, found 0'],
    ['limit: -1', 'limit: expected at least 0, found -1'],
    ['query_offset: later', 'query_offset: expected a duration such as 10s, 1m30s or 500ms, found "later"'],
    ['no_data: nothing', 'no_data: expected one of "ok", "keep", "alert", found "nothing"'],
    [
      'labels: { a: "{{ end }}" }',
      'labels.a: expected a template that can be filled in (unexpected {{end}}), found "{{ end }}"',
    ],
  ])('%s', async (lines, said) => {
    expect(await of(`groups:\n- name: web\n  ${lines}\n`)).toEqual([`rules.yaml:3: groups[0].${said}`]);
  });
});

describe('the report names what is wrong in an SLO', () => {
  it.each([
    ['target: 99.9%', 'slos[0]: expected either spans or monitors, found a mapping', 2],
    [
      'target: 99.9%\nmonitors: shop\nspans: { service: a }',
      'slos[0]: expected either spans or monitors, found a mapping',
      2,
    ],
    [
      'target: 100%\nmonitors: shop',
      'slos[0].target: expected a percentage above 0 and below 100, as 99.9%, found "100%"',
      3,
    ],
    ['target: most\nmonitors: shop', 'slos[0].target: expected a percentage from 0 to 100, found "most"', 3],
    [
      'target: 99%\nmonitors: shop\nwindow: 1d',
      'slos[0].window: expected a window from 3d to 366d, in whole seconds, found "1d"',
      5,
    ],
    ['target: 99%\nspans: {}', 'slos[0].spans.service: expected a list, found nothing', 4],
    [
      'target: 99%\nspans: { service: a, kind: servers }',
      'slos[0].spans.kind[0]: expected one of "server", "client", "internal", "producer", "consumer", found nothing',
      4,
    ],
    [
      'target: 99%\nmonitors: shop\nlabels: { severity: page }',
      'slos[0].labels.severity: expected no label severity: an SLO\'s alerts have one of their own, found "page"',
      5,
    ],
    [
      'target: 99%\nmonitors: [shop, "shop-*", shops]',
      'slos[0].monitors: expected the name of a monitor, or names with * ("shops" is none), found a list',
      4,
    ],
  ])('%s', async (lines, said, line) => {
    expect(await of(slo(lines))).toEqual([`rules.yaml:${line}: ${said}`]);
  });

  it('a name that another one has, and a window that is not kept', async () => {
    const main = `${MAIN}slos: [{ name: s, target: 99%, monitors: shop }]\ncollector: { retention: { rollups: 20d } }\n`;
    expect(await of(slo('target: 99%\nmonitors: shop'), main)).toEqual([
      'tocsin.yaml:3: slos[0].window: expected at most collector.retention.rollups, 20d, found nothing',
      'rules.yaml:2: slos[0].name: expected a name of its own (another SLO in tocsin.yaml has this one), found "s"',
      'rules.yaml:2: slos[0].window: expected at most collector.retention.rollups, 20d, found nothing',
    ]);
  });
});

it('a rule file with everything in it is good', async () => {
  const lines = `groups:
- name: web
  interval: 30s
  limit: 10
  query_offset: 1m
  no_data: keep
  labels: { team: 'x{{ $labels.service }}' }
  rules:
  - { alert: A, sql: SELECT 1 AS value, for: 5m, keep_firing_for: 1m, no_data: alert, severity: page, runbook_url: 'https://wiki/{{ $labels.a }}', labels: { a: b }, annotations: { summary: '{{ $value | humanize }}' } }
slos:
- { name: a, target: 99.9, window: 28d, spans: { service: [shop, 'pay-*'], operation: 'GET *', kind: client }, latency: 300ms, labels: { team: web }, annotations: { summary: '{{ $value }}' } }
- { name: b, target: 99.95%, monitors: [shop, 'shop-*'] }
`;
  expect(await of(lines)).toEqual([]);
});
