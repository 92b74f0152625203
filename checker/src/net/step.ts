import type { Verdict } from '../verdict.ts';

/** What one step on the way to a target came to: something to go on with, a verdict, or nothing because the time was up. */
export type Step<T> =
  | { readonly status: 'done'; readonly value: T }
  | { readonly status: 'judged'; readonly verdict: Verdict }
  | { readonly status: 'aborted' };

export const ABORTED = { status: 'aborted' } as const;

export function done<T>(value: T): { readonly status: 'done'; readonly value: T } {
  return { status: 'done', value };
}

export function judged(verdict: Verdict): { readonly status: 'judged'; readonly verdict: Verdict } {
  return { status: 'judged', verdict };
}
