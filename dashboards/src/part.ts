/** Why a part of a page cannot be shown. */
export type UnavailableReason = 'unreachable' | 'timeout' | 'no_tables' | 'query_failed' | 'http_status' | 'bad_answer';

/** There is no value; `message` is a sentence for people. */
export interface Unavailable {
  readonly status: 'unavailable';
  readonly reason: UnavailableReason;
  readonly message: string;
}

/** What one source of a page gave: a value, or why there is none. A page renders whatever its parts say. */
export type Part<Value> = { readonly status: 'ok'; readonly value: Value } | Unavailable;

/** A part with its value. */
export function available<Value>(value: Value): Part<Value> {
  return { status: 'ok', value };
}

/** A part without one. */
export function unavailable(reason: UnavailableReason, message: string): Unavailable {
  return { status: 'unavailable', reason, message };
}
