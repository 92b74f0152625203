import { TemplateError } from '@tocsin/service/template';
import { isList, isMap, printValue, typeName, type Value } from './format.ts';
import type { TemplateFunction } from './functions.ts';

/**
 * Functions of rules that ask, and that link to what can be asked. Source: Prometheus documentation, "Template reference", Queries and Strings.
 * A sample is a map with `Labels`, `Value` and, as Tocsin's addition, `Annotations`.
 */
export const QUERY_FUNCTIONS = {
  query: ([source], { query }) => {
    if (!query) throw new TemplateError('query: only templates of rules can ask');
    return query(wantText('query', source)).map(
      ({ labels, annotations, value }) =>
        new Map<string, Value>([
          ['Labels', new Map(Object.entries(labels))],
          ['Annotations', new Map(Object.entries(annotations))],
          ['Value', value],
        ]),
    );
  },
  first: ([samples]) => {
    const list = wantSamples('first', samples);
    if (list.length === 0) throw new TemplateError('first() called on vector with no elements');
    return list[0];
  },
  label: ([name, sample]) => labelOf('label', wantText('label', name), sample),
  value: ([sample]) => wantSample('value', sample).get('Value'),
  strvalue: ([sample]) => labelOf('strvalue', '__value__', sample),
  sortByLabel: ([name, samples]) => {
    const by = wantText('sortByLabel', name);
    const keyed = wantSamples('sortByLabel', samples).map(
      (sample) => [labelOf('sortByLabel', by, sample), sample] as const,
    );
    return keyed.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, sample]) => sample);
  },
  graphLink: ([source]) => linkTo(wantText('graphLink', source), 0),
  tableLink: ([source]) => linkTo(wantText('tableLink', source), 1),
} satisfies Readonly<Record<string, TemplateFunction>>;

/** A path of the console, with Prometheus's parameters; a link begins with `{{ externalURL }}`. */
function linkTo(source: string, tab: 0 | 1): string {
  return `/?g0.expr=${encodeURIComponent(source)}&g0.tab=${tab}`;
}

function labelOf(name: string, label: string, sample: Value): string {
  const labels = wantSample(name, sample).get('Labels');
  const value = labels !== undefined && isMap(labels) ? labels.get(label) : undefined;
  return value === undefined ? '' : printValue(value);
}

function wantText(name: string, value: Value): string {
  if (typeof value !== 'string') throw new TemplateError(`${name}: expected string; found ${typeName(value)}`);
  return value;
}

function wantSample(name: string, value: Value): ReadonlyMap<string, Value> {
  if (value === undefined || !isMap(value) || !value.has('Value'))
    throw new TemplateError(`${name}: expected a sample; found ${typeName(value)}`);
  return value;
}

function wantSamples(name: string, value: Value): readonly Value[] {
  if (value === undefined || !isList(value))
    throw new TemplateError(`${name}: expected what query gives; found ${typeName(value)}`);
  return value;
}
