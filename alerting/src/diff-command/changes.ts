import { isDeepStrictEqual } from 'node:util';

/** What of two things of one name differs. */
export interface FieldChange {
  /** Where, as `expect.latencyMs`. */
  readonly field: string;
  /** Before and after, where it is neither a secret nor long. */
  readonly from?: string;
  readonly to?: string;
}

/** What became of the things of one kind. */
export interface SectionChanges {
  /** `monitors`, `rules` … */
  readonly section: string;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly { readonly name: string; readonly fields: readonly FieldChange[] }[];
}

/** Things of one kind by name. */
export type Named = ReadonlyMap<string, unknown>;

/** Where text may be shown too: what is in there is in no case a secret. */
export type IsPlain = (field: string) => boolean;

const DEEPEST = 4;
const SHOWN_CHARACTERS = 60;

/** Holds the things of one kind against each other. @param isPlain of which fields text is shown; numbers and flags always are */
export function compareNamed(section: string, before: Named, after: Named, isPlain: IsPlain): SectionChanges {
  return {
    section,
    added: [...after.keys()].filter((name) => !before.has(name)),
    removed: [...before.keys()].filter((name) => !after.has(name)),
    changed: [...after].flatMap(([name, value]) => {
      if (!before.has(name)) return [];
      const fields = compareFields(before.get(name), value, isPlain);
      return fields.length === 0 ? [] : [{ name, fields }];
    }),
  };
}

/** The places where two values differ, down to a depth; a list differs as a whole. */
export function compareFields(
  before: unknown,
  after: unknown,
  isPlain: IsPlain,
  path: readonly string[] = [],
): FieldChange[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (isMapping(before) && isMapping(after) && path.length < DEEPEST)
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
      compareFields(before[key], after[key], isPlain, [...path, key]),
    );
  const field = path.join('.');
  const [from, to] = [show(before, isPlain(field)), show(after, isPlain(field))];
  return [from === undefined || to === undefined ? { field } : { field, from, to }];
}

/** @returns `undefined` for what is not to be seen */
function show(value: unknown, isPlain: boolean): string | undefined {
  if (value === undefined || value === null) return 'none';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (!isPlain) return undefined;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= SHOWN_CHARACTERS && !text.includes('\n') ? text : undefined;
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
