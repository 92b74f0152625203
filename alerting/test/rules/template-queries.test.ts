import { afterEach, describe, expect, test } from 'vitest';
import { compileTemplate } from '../../src/template/template.ts';
import { literalQueries, MAX_QUERIES } from '../../src/rules/template-queries.ts';
import { group, sample, Scenario } from './scenario.ts';

const LIMITS = sample({ service: 'shop', tier: 'b' }, 5, { unit: 'rps' });
let scenario: Scenario | undefined;
afterEach(() => {
  scenario?.close();
  scenario = undefined;
});
const begin = (): Scenario => (scenario = new Scenario());

const rule = (annotations: Record<string, string>, more: object = {}) =>
  group({ rules: [{ alert: 'Down', annotations, ...more }] });
const annotation = (name = 'text') => scenario?.sink.alerts.at(-1)?.annotations[name];

describe('a template that asks', () => {
  test('is answered at the moment that the rule was asked about', async () => {
    const scenario = begin();
    scenario.set('Down', sample({ service: 'shop' })).set('LIMITS', LIMITS, sample({ service: 'till', tier: 'a' }, 7));
    const text =
      '{{ with query "LIMITS" }}{{ . | first | value }}{{ label "tier" (first .) }}{{ (index . 0).Annotations.unit }}{{ end }};{{ range query "LIMITS" | sortByLabel "tier" }}{{ .Labels.service }}={{ .Value }} {{ end }}{{ query "LIMITS" | len }}';
    scenario.apply({ ...rule({ text }), queryOffsetMs: 3_000 });
    await scenario.until(10);
    expect(annotation()).toBe('5brps;till=7 shop=5 2');
    const moments = scenario.expression.asked.map(({ sql, nowMs }) => [sql, nowMs]);
    const [, firstMs] = moments[0]!;
    expect(moments.slice(0, 2)).toEqual([
      ['Down', firstMs],
      ['LIMITS', firstMs],
    ]);
  });

  test('asks each query once in an evaluation, and may ask what another answered', async () => {
    const scenario = begin();
    scenario.set('Down', sample({ service: 'a' }), sample({ service: 'b' }));
    scenario.set('WHICH', sample({ next: 'LAST' })).set('LAST', sample({}, 42));
    const text = '{{ query (query "WHICH" | first | label "next") | first | value }}';
    scenario.apply(rule({ text }));
    await scenario.until(10);
    expect(scenario.sink.alerts.map(({ annotations }) => annotations['text'])).toEqual(['42', '42']);
    expect(scenario.expression.asked.map(({ sql }) => sql)).toEqual(['Down', 'WHICH', 'LAST']);
  });

  test('may make labels', async () => {
    const scenario = begin();
    scenario.set('Down', sample({ service: 'a' })).set('OWNER', sample({ team: 'web' }));
    scenario.apply(rule({}, { labels: { team: '{{ query "OWNER" | first | label "team" }}' } }));
    expect(await scenario.until(10)).toEqual(['firing Down{service=a,team=web}']);
  });

  test('loses no alert where it cannot be answered', async () => {
    const scenario = begin();
    scenario.set('Down', sample()).fail('BROKEN').set('NOTHING');
    scenario.apply(rule({ text: '{{ query "BROKEN" }}', empty: '{{ query "NOTHING" | first }}', no: '{{ first 1 }}' }));
    await scenario.until(10);
    expect(annotation()).toBe('<error expanding template: query: query_error: no such column>');
    expect(annotation('empty')).toBe('<error expanding template: first() called on vector with no elements>');
    expect(annotation('no')).toBe('<error expanding template: first: expected what query gives; found int>');
  });

  test('asks so many queries in an evaluation at most', async () => {
    const scenario = begin();
    scenario.set('Down', ...Array.from({ length: 200 }, (_, at) => sample({ n: String(at) })));
    scenario.apply(rule({ text: '{{ query (printf "Q%s" $labels.n) | len }}' }));
    await scenario.until(10);
    expect(scenario.expression.asked).toHaveLength(1 + MAX_QUERIES);
    const texts = scenario.sink.alerts.map(({ annotations }) => annotations['text']);
    expect(texts.filter((text) => text === '0')).toHaveLength(MAX_QUERIES);
    expect(texts.at(-1)).toBe(`<error expanding template: query: more than ${MAX_QUERIES} queries in one evaluation>`);
  });

  test('asks nothing while nothing is wrong', async () => {
    const scenario = begin();
    scenario.set('Down');
    scenario.apply(rule({ text: '{{ query "LIMITS" | len }}' }));
    await scenario.until(10);
    expect(scenario.expression.asked.map(({ sql }) => sql)).toEqual(['Down']);
  });
});

describe('the functions around it', () => {
  const data = { labels: {}, annotations: {}, value: 1, nowMs: 0, externalUrl: 'https://tocsin.example' };
  const expand = (source: string) => compileTemplate(source).expand(data);

  test('links lead to the console', () => {
    expect(expand('{{ externalURL }}{{ graphLink "SELECT 1 AS value" }}')).toBe(
      'https://tocsin.example/?g0.expr=SELECT%201%20AS%20value&g0.tab=0',
    );
    expect(expand('{{ tableLink "a&b" }}')).toBe('/?g0.expr=a%26b&g0.tab=1');
  });

  test('durations may be negative', () => {
    expect(expand('{{ parseDuration "-1h30m" }} {{ parseDuration "90s" }}')).toBe('-5400 90');
  });

  test('query outside of an evaluation says so', () => {
    expect(expand('{{ query "x" }}')).toBe('<error expanding template: query: only templates of rules can ask>');
  });
});

test.each([
  ['{{ query "A" | first }}{{ with "B" | query }}{{ range query `C` }}{{ end }}{{ end }}', ['A', 'B', 'C']],
  ['{{ if (query "A" | len) }}{{ else }}{{ query (printf "B%s" "x") }}{{ end }}', ['A']],
  ['{{ define "t" }}{{ query "A" }}{{ end }}{{ template "t" (query "B") }}', ['B', 'A']],
  ['a query', []],
])('the queries that stand in %s', (source, expected) => {
  expect(literalQueries(source)).toEqual(expected);
});
