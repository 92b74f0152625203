import type { Role } from '../access/roles.ts';
import type { JsonPieces } from './portions.ts';
import type { SchemaOf } from './zod.ts';

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type Method = (typeof METHODS)[number];

/** The statuses with which a handler refuses; validation, tokens and limits of size are the framework's. */
export const REFUSALS = {
  400: 'invalid',
  404: 'not_found',
  409: 'conflict',
  410: 'gone',
  422: 'unprocessable',
  429: 'limit_reached',
  500: 'failed',
  503: 'unavailable',
} as const;
export type RefusalStatus = keyof typeof REFUSALS;

/** What was asked, after validation. */
export interface Input<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
}

/** Who asks, and when. */
export interface Call {
  /** The name of the token; `anonymous` where none is wanted, `tocsin` for its own processes. */
  readonly actor: string;
  readonly role: Role;
  /** Unix milliseconds. */
  readonly nowMs: number;
}

/** For the audit log: what was acted on (an id), and in words what was done. No secrets. */
export interface Audited {
  readonly target?: string | undefined;
  readonly note?: string | undefined;
}

/** What a handler says. `detail` is a sentence for people. */
export type Outcome<Answer> =
  | ({ readonly status: 'ok'; readonly body: Shown<Answer> | JsonPieces } & Audited)
  | ({
      readonly status: 'refused';
      readonly code: RefusalStatus;
      readonly detail: string;
      readonly retryAfterS?: number;
    } & Audited);

/** A value that is only read. */
export type Shown<Value> = Value extends readonly (infer Entry)[]
  ? readonly Shown<Entry>[]
  : Value extends object
    ? { readonly [Key in keyof Value]: Shown<Value[Key]> }
    : Value;

/** One endpoint: its route, its validation, its part of the OpenAPI document and of the contract test come from this. */
export interface Declaration<Params, Query, Body, Answer> {
  readonly method: Method;
  /** With parameters in OpenAPI's way: `/api/v2/silence/{silenceID}`. */
  readonly path: `/${string}`;
  /** A sentence: what it does. */
  readonly summary: string;
  /** The heading under which the document shows it. */
  readonly tag: string;
  /** The role it takes; `anyone` also without a token. */
  readonly role: Role | 'anyone';
  /** What the audit log calls it, as `silence.save`. Everything that changes something has one, but what machines push. */
  readonly action?: `${string}.${string}`;
  readonly params?: SchemaOf<Params>;
  readonly query?: SchemaOf<Query>;
  readonly body?: SchemaOf<Body>;
  /** The most bytes of a body; 1 MiB where nothing is said. */
  readonly bodyLimitBytes?: number;
  /** The answer; without it the body is empty. */
  readonly answer?: SchemaOf<Answer>;
  /** `application/json` where nothing is said. */
  readonly answerType?: 'application/json' | 'text/plain' | 'text/calendar';
  /** 200 where nothing is said. */
  readonly answerStatus?: 200 | 201 | 202 | 410;
  /** It may be many megabytes: so many at most are under way at once (`MAX_LARGE`); more are refused with 503, which is among `refusals`. */
  readonly isLarge?: boolean;
  /** When the handler refuses, by status. */
  readonly refusals?: Partial<Readonly<Record<RefusalStatus, string>>>;
  /** Does it. In a transaction together with the entry of the audit log where it has an action and answers at once. */
  handle(input: Input<Params, Query, Body>, call: Call): Outcome<NoInfer<Answer>> | Promise<Outcome<NoInfer<Answer>>>;
}

/** A declared endpoint, whatever it takes and answers. */
export type Endpoint = Declaration<unknown, unknown, unknown, unknown>;

/** Declares an endpoint; its handler is checked against its schemas by the compiler. */
export function defineEndpoint<Params, Query, Body, Answer>(
  declaration: Declaration<Params, Query, Body, Answer>,
): Endpoint {
  return declaration as unknown as Endpoint;
}

/** It was done. */
export function ok<const Body>(
  body: Body,
  audited: Audited = {},
): { readonly status: 'ok'; readonly body: Body } & Audited {
  return { status: 'ok', body, ...audited };
}

/** It was not done. @param detail what was expected, in a sentence */
export function refuse(
  code: RefusalStatus,
  detail: string,
  more: Audited & { readonly retryAfterS?: number } = {},
): Extract<Outcome<never>, { status: 'refused' }> {
  return { status: 'refused', code, detail, ...more };
}
