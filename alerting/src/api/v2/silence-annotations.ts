import type { LabelSet } from '../../alert.ts';
import type { Database } from '../../store/database.ts';

/** Annotations of silences: kept for those who wrote them, and used by nothing here. */
export interface SilenceAnnotations {
  save(silenceId: string, annotations: LabelSet): void;
  find(silenceId: string): LabelSet;
  all(): ReadonlyMap<string, LabelSet>;
  /** Forgets those of silences that are forgotten. @returns how many */
  forgetOld(): number;
}

const SAVE = 'INSERT OR REPLACE INTO silence_annotations (silence_id, annotations) VALUES (?, ?)';
const REMOVE = 'DELETE FROM silence_annotations WHERE silence_id = ?';
const FIND = 'SELECT annotations FROM silence_annotations WHERE silence_id = ?';
const ALL = 'SELECT * FROM silence_annotations';
const FORGET = 'DELETE FROM silence_annotations WHERE silence_id NOT IN (SELECT id FROM silences)';

/** Keeps the table `silence_annotations`. */
export function createSilenceAnnotations(database: Database): SilenceAnnotations {
  const read = (row: Readonly<Record<string, unknown>>): LabelSet => JSON.parse(String(row['annotations'])) as LabelSet;
  return {
    save(silenceId, annotations) {
      if (Object.keys(annotations).length === 0) database.prepare(REMOVE).run(silenceId);
      else database.prepare(SAVE).run(silenceId, JSON.stringify(annotations));
    },
    find(silenceId) {
      const row = database.prepare(FIND).get(silenceId);
      return row ? read(row) : {};
    },
    all: () =>
      new Map(
        database
          .prepare(ALL)
          .all()
          .map((row) => [String(row['silence_id']), read(row)]),
      ),
    forgetOld: () => Number(database.prepare(FORGET).run().changes),
  };
}
