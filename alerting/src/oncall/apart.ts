import type { Logger } from '@tocsin/service/log';
import type { Database } from '../store/database.ts';

/** SQLite's code for a statement that alone was undone: all else may have ended the whole transaction. */
const SQLITE_CONSTRAINT = 19;
/** Extended codes have the primary one in their lowest byte. */
const PRIMARY_CODE = 0xff;

/**
 * Does the work for one incident in a part of the transaction of its own: where it fails it is undone and said, and the others go on.
 * @returns whether it was done
 */
export function apart(
  { database, log }: { readonly database: Database; readonly log: Logger },
  name: string,
  work: () => void,
): boolean {
  try {
    database.transaction(work);
    return true;
  } catch (error) {
    const code =
      error instanceof Error && 'errcode' in error ? Number(error.errcode) & PRIMARY_CODE : SQLITE_CONSTRAINT;
    if (code !== SQLITE_CONSTRAINT) throw error;
    log.error({ err: error, incident: name }, 'an incident could not be looked after; it is tried again');
    return false;
  }
}
