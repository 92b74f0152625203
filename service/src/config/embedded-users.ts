import { isLoopback } from './address.ts';
import type { EmbeddedProfile, EmbeddedUser } from './schema/clickhouse-users.ts';

/** The profile that is there without being written. */
export const DEFAULT_PROFILE = 'readonly';
/** Who may read without a password as long as the embedded ClickHouse listens on loopback. */
export const WITHOUT_PASSWORD = ['default', 'grafana'];

/** The limits of a profile that names none. */
export const DEFAULT_LIMITS = { maxExecutionTimeMs: 60_000, maxMemoryBytes: 2 * 2 ** 30 } as const;

/** The profile of users that name none, where the configuration does not write its own of that name. */
export const BUILT_IN_PROFILE: EmbeddedProfile = {
  name: DEFAULT_PROFILE,
  ...DEFAULT_LIMITS,
  maxThreads: undefined,
  maxResultRows: undefined,
  maxResultBytes: undefined,
};

/** Whoever may read: those of the configuration, and on loopback `default` and `grafana` without a password where it does not name them. */
export function embeddedUsers(clickhouse: {
  readonly http: { readonly host: string };
  readonly users: readonly EmbeddedUser[];
}): readonly EmbeddedUser[] {
  const open = isLoopback(clickhouse.http.host)
    ? WITHOUT_PASSWORD.filter((builtIn) => !clickhouse.users.some(({ name: taken }) => taken === builtIn))
    : [];
  return [
    ...clickhouse.users,
    ...open.map((builtIn) => ({
      name: builtIn,
      password: undefined,
      passwordSha256: undefined,
      profile: DEFAULT_PROFILE,
    })),
  ];
}
