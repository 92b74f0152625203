import type { MalformedReason } from '../malformed.ts';
import { exactDigits } from './exact-integers.ts';

/** A JSON value that OTLP does not allow there; caught by `encodeJsonRequest`, which knows the path. */
export class JsonProblem extends Error {
  readonly reason: MalformedReason;

  constructor(reason: MalformedReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** An integer that `JSON.parse` has rounded: the text has to be read again, exactly. */
export class RoundedInteger extends Error {}

/** A short description of a JSON value for an error message. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  const text = exactDigits(value) ?? JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** The problem of a value that is of the wrong kind. */
export function wrongValue(expected: string, value: unknown): JsonProblem {
  return new JsonProblem('bad_value', `expected ${expected}, found ${describe(value)}`);
}
