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
