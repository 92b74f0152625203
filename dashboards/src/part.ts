import type { Part, Unavailable, UnavailableReason } from './part-types.ts';

export type { Part, Unavailable, UnavailableReason } from './part-types.ts';

/** A part with its value. */
export function available<Value>(value: Value): Part<Value> {
  return { status: 'ok', value };
}

/** A part without one. */
export function unavailable(reason: UnavailableReason, message: string): Unavailable {
  return { status: 'unavailable', reason, message };
}
