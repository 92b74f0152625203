/** The roles of tokens of alerting's API; `alerting/src/api/access/roles.ts` says what each may do. */
export const API_ROLES = ['sender', 'viewer', 'responder', 'admin'] as const;
export type ApiRole = (typeof API_ROLES)[number];
