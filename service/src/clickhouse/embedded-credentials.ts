import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A user of the embedded ClickHouse. */
export interface Credential {
  readonly user: string;
  readonly password: string;
}

/** The users of Tocsin's own services. */
export interface EmbeddedCredentials {
  /** The collector's: the only one that may write. */
  readonly writer: Credential;
  /** Alerting's and the console's. */
  readonly reader: Credential;
}

/** Names that no user of the configuration may have. */
export const OWN_USERS = { writer: 'tocsin_collector', reader: 'tocsin_reader' } as const;

const PASSWORD_BYTES = 32;

function fileIn(dataDir: string): string {
  return join(dataDir, 'clickhouse', 'credentials.json');
}

/**
 * The passwords of Tocsin's own users of the embedded ClickHouse, random, in a file that only this user may read. Whoever asks first makes them: the
 * launcher, or a service that was started by hand.
 * @throws Error where the file can be neither read nor made, or is no such file
 */
export function embeddedCredentials(dataDir: string): EmbeddedCredentials {
  const file = fileIn(dataDir);
  const found = read(file);
  if (found) return found;
  mkdirSync(join(dataDir, 'clickhouse'), { recursive: true });
  const fresh = `${file}.${randomBytes(8).toString('hex')}`;
  const password = (): string => randomBytes(PASSWORD_BYTES).toString('base64url');
  writeFileSync(fresh, `${JSON.stringify({ writer: password(), reader: password() })}\n`, { mode: 0o600, flag: 'wx' });
  try {
    // Unlike a rename, a link never replaces: of several that come at once one wins, and its file is whole.
    linkSync(fresh, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(fresh);
  }
  const made = read(file);
  if (!made) throw new Error(`${file} has gone while it was made`);
  return made;
}

/** Makes new passwords at the start of a launcher: what leaked from an earlier run opens nothing. Nothing may run on the data yet. */
export function renewEmbeddedCredentials(dataDir: string): void {
  rmSync(fileIn(dataDir), { force: true });
  embeddedCredentials(dataDir);
}

function read(file: string): EmbeddedCredentials | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const passwords = parse(text);
  if (!passwords) throw new Error(`${file} is not the file of credentials it should be; remove it and start again`);
  return {
    writer: { user: OWN_USERS.writer, password: passwords.writer },
    reader: { user: OWN_USERS.reader, password: passwords.reader },
  };
}

/** Says nothing of what is in the file: it may be half of a password. */
function parse(text: string): { readonly writer: string; readonly reader: string } | undefined {
  try {
    const { writer, reader } = JSON.parse(text) as Record<string, unknown>;
    return typeof writer === 'string' && typeof reader === 'string' && writer && reader
      ? { writer, reader }
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}
