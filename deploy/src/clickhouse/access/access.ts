import type { Ceilings } from '../sql/setting-rules.ts';

/** `writer` is the collector alone; it may write and define tables. */
export type Role = 'reader' | 'writer';

/** Who a statement is run for. */
export interface Access {
  readonly user: string;
  readonly role: Role;
  /** The most that the user's statements may set each limit to. */
  readonly ceilings: Ceilings;
}

/** The engine's own doings: killing, health. */
export const ENGINE_ACCESS: Access = { user: 'tocsin', role: 'writer', ceilings: new Map() };
