import { TemplateError } from '@tocsin/service/template';

/** The longest text a template may become, and the longest of one value in it, in characters. */
export const MAX_OUTPUT = 1_000_000;
/** The most characters that all functions of one template make together: a loop over a long text would hold up everything else. */
const MAX_MADE = 20 * MAX_OUTPUT;

/** @throws TemplateError where a text would be too long to be made */
export function demandRoom(length: number): void {
  if (length > MAX_OUTPUT) throw new TemplateError(`more than ${MAX_OUTPUT} characters`);
}

/** What the functions of one template have made so far. */
export interface Made {
  /** Counts a value that a function made. @throws TemplateError where it, or all of them together, is too much */
  count<Value>(value: Value): Value;
}

/** Counts nothing yet. */
export function createMade(): Made {
  let total = 0;
  const known = new WeakMap<object, number>();
  /** A list that holds another twice is as long as its text is. */
  const weigh = (value: unknown): number => {
    if (typeof value === 'string') return value.length;
    const inner = Array.isArray(value) ? value : value instanceof Map ? [...value].flat() : undefined;
    if (!inner || typeof value !== 'object' || value === null) return 1;
    const before = known.get(value);
    if (before !== undefined) return before;
    const weight = inner.reduce<number>((sum, entry) => sum + weigh(entry), 1);
    known.set(value, weight);
    return weight;
  };
  return {
    count(value) {
      const weight = weigh(value);
      demandRoom(weight);
      total += weight;
      if (total > MAX_MADE) throw new TemplateError(`more than ${MAX_MADE} characters made by functions`);
      return value;
    },
  };
}
