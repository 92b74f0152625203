/** What a person may do in the console: look; also act (acknowledge, silence, note, override); also administer. */
export type Role = 'viewer' | 'editor' | 'admin';

/** What goes into an endpoint (parameters of the path, and of the query or the body) and what comes out. */
export interface Shape {
  readonly input: object;
  readonly answer: unknown;
}

/** Why a request was refused. */
export type RefusalReason =
  | 'bad_request'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'too_large'
  | 'not_possible'
  | 'too_many';

/** A field that is not as it should be. */
export interface FieldError {
  readonly field: string;
  /** What was expected, in words. */
  readonly expected: string;
}

/** The body of every answer that is not 200: `message` is a sentence for people. */
export interface ErrorBody {
  readonly status: 'unavailable' | 'refused' | 'failed';
  readonly reason: string;
  readonly message: string;
  readonly errors?: readonly FieldError[];
}
