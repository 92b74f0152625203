import type { AttributeParameters } from '../queries/attribute-match.ts';
import type { FieldError } from '../api/framework/endpoint-types.ts';

/** As people write it: `http.route=/cart`, `http.route!=/cart`, `http.route~car`. Keys have none of `=`, `!`, `~`. */
const FILTER = /^([^=!~]{1,200})(!=|=|~)(.*)$/s;

export const FILTER_FORM = 'key=value, key!=value or key~part';

/**
 * Reads filters of attributes. The same key with `=` several times: one of these values; everything else has to hold together.
 * An absent attribute is one with an empty value.
 */
export function readFilters(
  texts: readonly string[],
  field: string,
):
  | { readonly status: 'ok'; readonly parameters: AttributeParameters }
  | { readonly status: 'wrong'; readonly errors: readonly FieldError[] } {
  const isOne = new Map<string, string[]>();
  const isNot: [string, string][] = [];
  const contains: [string, string][] = [];
  const errors: FieldError[] = [];
  for (const text of texts) {
    const [, key = '', operator, value = ''] = FILTER.exec(text) ?? [];
    if (operator === undefined) errors.push({ field, expected: FILTER_FORM });
    else if (operator === '!=') isNot.push([key.trim(), value]);
    else if (operator === '~') contains.push([key.trim(), value]);
    else isOne.set(key.trim(), [...(isOne.get(key.trim()) ?? []), value]);
  }
  if (errors.length > 0) return { status: 'wrong', errors };
  return {
    status: 'ok',
    parameters: {
      is_keys: [...isOne.keys()],
      is_values: [...isOne.values()],
      not_keys: isNot.map(([key]) => key),
      not_values: isNot.map(([, value]) => value),
      part_keys: contains.map(([key]) => key),
      part_values: contains.map(([, value]) => value),
    },
  };
}
