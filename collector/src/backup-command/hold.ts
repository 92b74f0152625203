import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  BACKUP_FOLDER,
  readHoldState,
  removeHoldRequest,
  snapshotFolder,
  writeHoldRequest,
} from '../backup/hold-files.ts';
import type { BackupFailure } from './job.ts';

/** The collector loads nothing while this is held. */
export interface Hold {
  /** The folder with the journal as it stood when it began. */
  readonly snapshot: string;
  /** Whether nothing has been loaded since it began. */
  isHeld(): Promise<boolean>;
  /** Idempotent. */
  release(): Promise<void>;
}

type HoldResult =
  | { readonly status: 'held'; readonly hold: Hold }
  | { readonly status: 'failed'; readonly reason: BackupFailure; readonly message: string };

/** A collector looks for requests four times a second. */
const ANSWER_LIMIT_MS = 5_000;
/** Without one more segment in ClickHouse in this time. After a kill all that waits counts as tried, and may take long. */
const SETTLE_LIMIT_MS = 120_000;
/** If this process is killed the collector loads again after this time. */
const LEASE_MS = 30_000;
const RENEW_MS = 5_000;
const LOOK_MS = 50;

/**
 * Asks the collector that runs on the data to hold the loading, and waits until it does: then every acknowledged request is either in ClickHouse as a whole or in
 * the snapshot as a whole.
 * @param directory the collector's own data directory
 */
export async function holdLoading(directory: string): Promise<HoldResult> {
  const id = randomUUID();
  const renew = (): Promise<void> => writeHoldRequest(directory, { id, untilMs: Date.now() + LEASE_MS });
  await mkdir(join(directory, BACKUP_FOLDER), { recursive: true, mode: 0o700 });
  await renew();
  let renewing: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    // A disk that takes nothing ends the hold, which is seen.
    renewing = renew().catch(() => undefined);
  }, RENEW_MS);
  const hold: Hold = {
    snapshot: snapshotFolder(directory, id),
    async isHeld() {
      const state = await readHoldState(directory);
      return state?.id === id && state.phase === 'held';
    },
    async release() {
      clearInterval(timer);
      await renewing;
      await removeHoldRequest(directory);
    },
  };
  let sinceMs = performance.now();
  let fewest = Infinity;
  for (;;) {
    const state = await readHoldState(directory);
    const own = state?.id === id ? state : undefined;
    if (own?.phase === 'held') return { status: 'held', hold };
    if (own && own.unsettled < fewest) {
      fewest = own.unsettled;
      sinceMs = performance.now();
    }
    const waitedMs = performance.now() - sinceMs;
    if (waitedMs > (own ? SETTLE_LIMIT_MS : ANSWER_LIMIT_MS)) {
      await hold.release();
      return own ? unsettled(own.unsettled) : { status: 'failed', reason: 'collector-away', message: AWAY };
    }
    await sleep(LOOK_MS);
  }
}

const AWAY = 'no collector runs on this data folder';

function unsettled(count: number): HoldResult {
  const message = `${count} segments of the journal have been tried and are not in ClickHouse, none more in ${SETTLE_LIMIT_MS / 1_000} s; npx tocsin journal list shows them`;
  return { status: 'failed', reason: 'unsettled', message };
}
