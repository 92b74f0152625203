import { computed, signal } from '@preact/signals';
import type { SessionView } from '../../../src/access/contract-types.ts';
import type { Role } from '../../../src/api/framework/endpoint-types.ts';

/** Who is signed in; `undefined` until the console has said it. */
export const session = signal<SessionView | undefined>(undefined);

/** Data may be asked for. */
export const mayAsk = computed(() => session.value?.user !== undefined);

const RANK: Readonly<Record<Role, number>> = { viewer: 0, editor: 1, admin: 2 };

/** Whether who is signed in may do what takes a role; buttons that he may not press are not shown. The console itself refuses. */
export function may(role: Role): boolean {
  const own = session.value?.user?.role;
  return own !== undefined && RANK[own] >= RANK[role];
}

/** The console has said that nobody is signed in. */
export function markSignedOut(): void {
  session.value = { user: undefined, isRequired: true };
}
