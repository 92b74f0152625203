import type { z } from 'zod';

/**
 * A rule between several settings has to speak up beside a plain mistake elsewhere, so that one report names everything: it runs
 * (`ALWAYS`) though the value is not whole yet, and reads it with `mappingsIn` and `textAt`, which pass over what is malformed.
 */
export const ALWAYS: z.core.$ZodSuperRefineParams = { when: ({ value }) => isMapping(value) || Array.isArray(value) };

/** Part of a configuration of which only the outer shape is known. */
export type Mapping = Readonly<Record<string, unknown>>;

/** Whether the value is a mapping. */
export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as a mapping; an empty one for anything else. */
export function asMapping(value: unknown): Mapping {
  return isMapping(value) ? value : {};
}

/** The mappings in a list, with their places in it. */
export function mappingsIn(list: unknown): readonly (readonly [index: number, entry: Mapping])[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown, index) => (isMapping(entry) ? [[index, entry] as const] : []));
}

/** The text under a key, or `undefined` where there is none. */
export function textAt(mapping: Mapping, key: string): string | undefined {
  const value = mapping[key];
  return typeof value === 'string' ? value : undefined;
}

/** Whether a key is there, be its value good or bad. */
export function isGiven(mapping: Mapping, key: string): boolean {
  return mapping[key] !== undefined;
}

/** Reports that something else was expected at a path below the value that is checked. */
export type Refuse = (path: readonly (string | number)[], expected: string) => void;

/** The `Refuse` of a refinement. */
export function refuseIn(context: z.RefinementCtx): Refuse {
  return (path, expected) =>
    context.addIssue({ code: 'custom', path: [...path], message: `expected ${expected}`, params: { expected } });
}
