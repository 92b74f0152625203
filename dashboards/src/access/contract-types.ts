import type { Role } from '../api/framework/endpoint-types.ts';

/** Who is signed in, and whether that is wanted. */
export interface SessionView {
  /** `undefined` where somebody has to sign in and has not. */
  readonly user: { readonly name: string; readonly role: Role } | undefined;
  /** Nobody comes in without signing in. */
  readonly isRequired: boolean;
}

export interface AccessContract {
  'GET /api/v1/session': { readonly input: Readonly<Record<never, never>>; readonly answer: SessionView };
  'POST /api/v1/session': {
    readonly input: { readonly name: string; readonly password: string };
    readonly answer: SessionView;
  };
  'DELETE /api/v1/session': { readonly input: Readonly<Record<never, never>>; readonly answer: SessionView };
}
