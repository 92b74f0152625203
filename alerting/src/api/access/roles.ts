import type { ApiRole } from '@tocsin/service/config';

/**
 * What a token may do: `sender` pushes alerts and does nothing else (a Prometheus server), `viewer` reads, `responder` also acts (silences,
 * acknowledges, pushes), `admin` also reloads and reads the audit log.
 */
export type Role = ApiRole;

const INCLUDES: Readonly<Record<Role, readonly Role[]>> = {
  sender: ['sender'],
  viewer: ['viewer'],
  responder: ['responder', 'viewer', 'sender'],
  admin: ['admin', 'responder', 'viewer', 'sender'],
};

/** Whether who has a role may do what takes another. */
export function mayAct(role: Role, needed: Role | 'anyone'): boolean {
  return needed === 'anyone' || INCLUDES[role].includes(needed);
}
