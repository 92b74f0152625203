import { randomUUID } from 'node:crypto';
import type { Matcher } from '@tocsin/service/config';
import type { Alert, LabelSet } from '../alert.ts';
import type { Database } from '../store/database.ts';
import {
  canChangeInPlace,
  checkSilence,
  type Silence,
  SilenceError,
  type SilenceRequest,
  silenceState,
} from './silence.ts';
import { createSilenceIndex, type IndexedSilence } from './silence-index.ts';

/** All silences there are, in the table `silences`. */
export interface SilenceStore {
  /**
   * Saves a silence: a new one (its start is now at the earliest), or a change to the one whose id is given. A change to what it matches
   * makes a new one and expires the old, as does any to an expired one. Source: Alertmanager's behaviour.
   * @returns the silence as it is saved; its id differs from the given one where a new one was made
   * @throws SilenceError
   */
  save(silence: SilenceRequest, nowMs: number): Silence;
  /** Ends a silence now; one that has not begun never begins. Expired ones stay as they are. @throws SilenceError where there is none */
  expire(id: string, nowMs: number): void;
  find(id: string): Silence | undefined;
  /** All of them, those that end last first. */
  list(): Silence[];
  /** The ids of the active silences that match. */
  silencing(labels: LabelSet, nowMs: number): readonly string[];
  /** The same for an alert that is asked about again and again: what matched it is remembered. */
  silencingAlert(alert: Pick<Alert, 'fingerprint' | 'labels'>, nowMs: number): readonly string[];
  countActive(nowMs: number): number;
  /** Forgets silences that ended 120 hours ago or earlier. @returns how many */
  forgetOld(nowMs: number): number;
}

/** Alertmanager's default of `--data.retention`. */
const RETENTION_MS = 120 * 3_600_000;
/** Expired ones that are still kept count too. */
export const MAX_SILENCES = 100_000;
/** Alerts whose silences are remembered. */
const MAX_REMEMBERED = 200_000;

const FIND = 'SELECT * FROM silences WHERE id = ?';
const LIST = 'SELECT * FROM silences ORDER BY ends_at_ms DESC, id';
const COUNT = 'SELECT count(*) AS n FROM silences';
const COUNT_ACTIVE = 'SELECT count(*) AS n FROM silences WHERE starts_at_ms <= ? AND ends_at_ms > ?';
const SAVE = `INSERT OR REPLACE INTO silences
  (id, matchers, starts_at_ms, ends_at_ms, updated_at_ms, created_by, comment, revision) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;
const FORGET = 'DELETE FROM silences WHERE ends_at_ms <= ?';
const REVISION = 'SELECT revision FROM silences_revision';
const REVISE = 'UPDATE silences_revision SET revision = ?';
const REVISIONS = 'SELECT id, revision FROM silences';

function readSilence(row: Readonly<Record<string, unknown>>): Silence {
  return {
    id: String(row['id']),
    matchers: JSON.parse(String(row['matchers'])) as Matcher[],
    startsAtMs: Number(row['starts_at_ms']),
    endsAtMs: Number(row['ends_at_ms']),
    updatedAtMs: Number(row['updated_at_ms']),
    createdBy: String(row['created_by']),
    comment: String(row['comment']),
  };
}

/** Keeps the table `silences`, and an index of it in memory that is held against the table's revision. */
export function createSilenceStore(database: Database): SilenceStore {
  const find = (id: string): Silence | undefined => {
    const row = database.prepare(FIND).get(id);
    return row && readSilence(row);
  };
  const write = (silence: Silence): Silence => {
    const { id, matchers, startsAtMs, endsAtMs, updatedAtMs, createdBy, comment } = silence;
    const revision = randomUUID();
    const text = JSON.stringify(matchers);
    database.prepare(SAVE).run(id, text, startsAtMs, endsAtMs, updatedAtMs, createdBy, comment, revision);
    database.prepare(REVISE).run(revision);
    return silence;
  };
  const expire = (silence: Silence, nowMs: number): void => {
    const state = silenceState(silence, nowMs);
    if (state === 'expired') return;
    const startsAtMs = state === 'pending' ? nowMs : silence.startsAtMs;
    write({ ...silence, startsAtMs, endsAtMs: nowMs, updatedAtMs: nowMs });
  };
  const save = (request: SilenceRequest, nowMs: number): Silence => {
    const known = request.id === undefined || request.id === '' ? undefined : demand(find(request.id), request.id);
    checkSilence(request, nowMs);
    const { matchers, startsAtMs, endsAtMs, createdBy, comment } = request;
    const parts = { matchers, endsAtMs, createdBy, comment, updatedAtMs: nowMs };
    if (known && canChangeInPlace(known, request, nowMs)) return write({ id: known.id, startsAtMs, ...parts });
    if (Number(database.prepare(COUNT).get()?.['n']) >= MAX_SILENCES)
      throw new SilenceError('TOCSIN_ALERTING_SILENCE_LIMIT', `expected at most ${MAX_SILENCES} silences`);
    if (known) expire(known, nowMs);
    return write({ id: randomUUID(), startsAtMs: Math.max(startsAtMs, nowMs), ...parts });
  };
  return {
    save: (request, nowMs) => database.transaction(() => save(request, nowMs)),
    expire: (id, nowMs) => database.transaction(() => expire(demand(find(id), id), nowMs)),
    find,
    list: () => database.prepare(LIST).all().map(readSilence),
    ...createSilencing(database, find),
    countActive: (nowMs) => Number(database.prepare(COUNT_ACTIVE).get(nowMs, nowMs)?.['n'] ?? 0),
    forgetOld(nowMs) {
      const forgotten = Number(database.prepare(FORGET).run(nowMs - RETENTION_MS).changes);
      if (forgotten > 0) database.prepare(REVISE).run(randomUUID());
      return forgotten;
    },
  };
}

function demand(silence: Silence | undefined, id: string): Silence {
  if (silence) return silence;
  throw new SilenceError(
    'TOCSIN_ALERTING_SILENCE_NOT_FOUND',
    `expected the id of a silence, found ${JSON.stringify(id)}`,
  );
}

interface Remembered {
  readonly sequence: number;
  readonly matching: readonly IndexedSilence[];
}

/** Whom silences match. What was changed in a transaction that was undone is found out by the revision, as any other change. */
function createSilencing(
  database: Database,
  find: (id: string) => Silence | undefined,
): Pick<SilenceStore, 'silencing' | 'silencingAlert'> {
  const index = createSilenceIndex();
  const revisions = new Map<string, string>();
  const remembered = new Map<string, Remembered>();
  let revision: string | undefined;

  const refresh = (): void => {
    const current = String(database.prepare(REVISION).get()?.['revision']);
    if (current === revision) return;
    const gone = new Set(revisions.keys());
    for (const row of database.prepare(REVISIONS).all()) {
      const [id, own] = [String(row['id']), String(row['revision'])];
      gone.delete(id);
      if (revisions.get(id) === own) continue;
      const silence = find(id);
      if (silence) index.put(silence);
      revisions.set(id, own);
    }
    for (const id of gone) {
      index.remove(id);
      revisions.delete(id);
    }
    revision = current;
  };
  const active = (entries: readonly IndexedSilence[], nowMs: number): readonly string[] =>
    entries.filter(({ silence }) => silenceState(silence, nowMs) === 'active').map(({ silence }) => silence.id);

  return {
    silencing(labels, nowMs) {
      refresh();
      return active(index.find(labels, 0), nowMs);
    },
    silencingAlert({ fingerprint, labels }, nowMs) {
      refresh();
      const known = remembered.get(fingerprint);
      if (known?.sequence === index.newest() && known.matching.length === 0) return NONE;
      const kept = known ? known.matching.filter(({ isRetired }) => !isRetired) : [];
      const matching =
        known?.sequence === index.newest() ? kept : [...kept, ...index.find(labels, known?.sequence ?? 0)];
      if (remembered.size >= MAX_REMEMBERED) remembered.clear();
      remembered.set(fingerprint, { sequence: index.newest(), matching });
      return active(matching, nowMs);
    },
  };
}

const NONE: readonly string[] = [];
