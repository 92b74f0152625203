import type { Part } from '../../part.ts';
import type { Contract, EndpointKey } from '../contract-types.ts';
import type { FieldError, RefusalReason, Role } from './endpoint-types.ts';
import { type Readers, readInput } from './read-input.ts';

/** Who asks. */
export interface Caller {
  /** As alerting's audit log names it. */
  readonly name: string;
  readonly role: Role;
  /** It showed a token, which no page of another site has. */
  readonly isProgram?: boolean;
}

/** A request that is understood and still not done. */
export interface Refusal {
  readonly status: 'refused';
  readonly reason: RefusalReason;
  readonly message: string;
  readonly errors?: readonly FieldError[];
}

/** What an endpoint gives: 200 with the value, 503 where its source is away, or why it will not. */
export type Answer<Value> = Part<Value> | Refusal;

/** An endpoint as the server adds it. */
export interface Endpoint {
  /** As `GET /api/v1/overview`. */
  readonly key: EndpointKey;
  /** The least role that may ask. */
  readonly role: Role;
  /** @param raw parameters of the path, with those of the query or the fields of the body */
  answer(raw: Readonly<Record<string, unknown>>, caller: Caller): Promise<Answer<unknown>>;
}

/** Makes a refusal. */
export function refuse(reason: RefusalReason, message: string, errors?: readonly FieldError[]): Refusal {
  return { status: 'refused', reason, message, ...(errors && { errors }) };
}

/**
 * Declares an endpoint of the contract: who may ask, how each field of its input is read, and what is answered. An unknown or wrong field is a
 * 400 that names it.
 */
export function endpoint<Key extends EndpointKey>(
  key: Key,
  declared: {
    readonly role: Role;
    readonly input: Readers<Contract[Key]['input']>;
    readonly answer: (input: Contract[Key]['input'], caller: Caller) => Promise<Answer<Contract[Key]['answer']>>;
  },
): Endpoint {
  return {
    key,
    role: declared.role,
    answer: async (raw, caller) => {
      const read = readInput(declared.input, raw);
      return read.status === 'ok'
        ? declared.answer(read.input, caller)
        : refuse('bad_request', 'The request is not as expected.', read.errors);
    },
  };
}
