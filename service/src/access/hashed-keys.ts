import { hash, timingSafeEqual } from 'node:crypto';

/** A key of which only the hash is known. */
export interface HashedKey {
  readonly name: string;
  /** SHA-256 of the key, 64 lower-case hex digits. A plain hash is enough for keys that are random (`npx tocsin key`). */
  readonly sha256: string;
}

/** Hashes a key as the configuration has it. */
export function hashKey(key: string): string {
  return hash('sha256', key);
}

/** Finds the entry whose key was shown; the last one where several match. Takes the same time whichever it is. */
export function findByKey<Entry extends Pick<HashedKey, 'sha256'>>(
  entries: Iterable<Entry>,
  shown: string,
): Entry | undefined {
  const digest = hash('sha256', shown, 'buffer');
  let found: Entry | undefined;
  for (const entry of entries) if (timingSafeEqual(digest, Buffer.from(entry.sha256, 'hex'))) found = entry;
  return found;
}

/** The key of `Authorization: Bearer KEY`. Source: RFC 6750, section 2.1; the scheme's name is in any case. */
export function readBearer(authorization: string | undefined): string | undefined {
  return /^bearer +(\S+)\s*$/i.exec(authorization ?? '')?.[1];
}
