import type { SearchParameters } from '../queries/trace-matches.ts';

/** A condition on an attribute. */
export interface Condition {
  readonly source: 'span' | 'resource';
  readonly key: string;
  readonly operator: '=' | '!=' | '~' | '>' | '<' | 'exists';
  readonly value: string;
}

const RESOURCE = 'resource.';

/** Reads `http.route=/cart`, `resource.host.name!=a`, `url.path~cart`, `size>100`, or a key alone. @returns `undefined` for what is none */
export function readCondition(text: string): Condition | undefined {
  const [, name = '', operator = 'exists', value = ''] = /^([^=!~<>]+)(?:(!=|[=~<>])(.*))?$/s.exec(text.trim()) ?? [];
  const isResource = name.startsWith(RESOURCE);
  const key = (isResource ? name.slice(RESOURCE.length) : name).trim();
  if (key === '') return undefined;
  if ((operator === '>' || operator === '<') && (value.trim() === '' || !Number.isFinite(Number(value))))
    return undefined;
  return {
    source: isResource ? 'resource' : 'span',
    key,
    operator: operator as Condition['operator'],
    value: operator === '>' || operator === '<' ? value.trim() : value,
  };
}

/** Conditions as the statement binds them. */
export function bindConditions(
  conditions: readonly Condition[],
): Omit<SearchParameters, 'services' | 'operations' | 'status' | 'root'> {
  const equal = (wanted: Condition['source']): readonly Condition[] =>
    conditions.filter(({ source, operator }) => operator === '=' && source === wanted);
  const others = conditions.filter(({ operator }) => operator !== '=');
  return {
    span_keys: equal('span').map(({ key }) => key),
    span_values: equal('span').map(({ value }) => value),
    resource_keys: equal('resource').map(({ key }) => key),
    resource_values: equal('resource').map(({ value }) => value),
    other_sources: others.map(({ source }) => source),
    other_keys: others.map(({ key }) => key),
    other_operators: others.map(({ operator }) => operator),
    other_values: others.map(({ value }) => value),
  };
}
