/** The oldest ClickHouse that Tocsin works with. */
export const OLDEST_SERVER = { major: 25, minor: 8 } as const;

/** What a server's `version()` means to Tocsin. */
export type ServerVersion =
  | { readonly status: 'ok' }
  /** `message` says what was found, what was expected and what to do. */
  | { readonly status: 'failed'; readonly message: string };

/** Judges the answer of `SELECT version()`, as `26.7.2.1` or `25.8.1.1-altinity`. */
export function parseServerVersion(version: string): ServerVersion {
  const { major, minor } = OLDEST_SERVER;
  const match = /^(\d+)\.(\d+)(?:\.|$)/.exec(version);
  const found = match && { major: Number(match[1]), minor: Number(match[2]) };
  if (found && (found.major > major || (found.major === major && found.minor >= minor))) return { status: 'ok' };
  const what = found ? `is ${version}` : `says its version is ${JSON.stringify(version)}, which cannot be read`;
  return {
    status: 'failed',
    message:
      `the ClickHouse server ${what}; Tocsin needs ${major}.${minor} or newer. ` +
      'Upgrade the server, or leave clickhouse.url unset to use the embedded ClickHouse',
  };
}
