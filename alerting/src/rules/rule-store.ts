import type { SQLOutputValue } from 'node:sqlite';
import type { LabelSet } from '../alert.ts';
import type { Database } from '../store/database.ts';
import type { ActiveAlert, ActiveAlerts } from './advance.ts';
import type { KnownSeries, SeriesMap } from './no-data.ts';
import type { RuleIdentity } from './rule.ts';

/** A rule as the database knows it, with the alerts it had. */
export interface StoredRule {
  readonly id: number;
  readonly identity: RuleIdentity;
  readonly evaluatedAtMs: number | undefined;
  readonly alerts: ActiveAlerts;
  readonly series: SeriesMap;
}

/** The rules' state in SQLite. Callers hold the transaction. */
export interface RuleStore {
  load(): StoredRule[];
  /** Adds a rule that has no state yet. @returns its id */
  add(identity: RuleIdentity): number;
  /** Writes where a rule is found now. */
  move(id: number, identity: RuleIdentity): void;
  remove(id: number): void;
  /** Writes what one evaluation changed. */
  save(id: number, previous: ActiveAlerts, next: ActiveAlerts, evaluatedAtMs: number): void;
  /** Writes which of a rule's series came, went missing or were forgotten. */
  saveSeries(id: number, previous: SeriesMap, next: SeriesMap): void;
}

const SQL = {
  rules: 'SELECT id, kind, file, group_name, name, labels, evaluated_at_ms FROM rules ORDER BY id',
  alerts: `SELECT rule_id, fingerprint, labels, annotations, value, active_at_ms, fired_at_ms, keep_firing_since_ms, series
    FROM rule_alerts ORDER BY rule_id, active_at_ms, fingerprint`,
  add: 'INSERT INTO rules (kind, file, group_name, name, labels) VALUES (?, ?, ?, ?, ?)',
  move: 'UPDATE rules SET file = ?, group_name = ?, name = ?, labels = ? WHERE id = ?',
  remove: 'DELETE FROM rules WHERE id = ?',
  evaluated: 'UPDATE rules SET evaluated_at_ms = ? WHERE id = ?',
  forget: 'DELETE FROM rule_alerts WHERE rule_id = ? AND fingerprint = ?',
  keep: `INSERT INTO rule_alerts
    (rule_id, fingerprint, labels, annotations, value, active_at_ms, fired_at_ms, keep_firing_since_ms, series)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (rule_id, fingerprint) DO UPDATE SET annotations = excluded.annotations, value = excluded.value,
      active_at_ms = excluded.active_at_ms, fired_at_ms = excluded.fired_at_ms,
      keep_firing_since_ms = excluded.keep_firing_since_ms, series = excluded.series`,
  series: 'SELECT rule_id, series, labels, missing_since_ms FROM rule_series ORDER BY rule_id, series',
  forgetSeries: 'DELETE FROM rule_series WHERE rule_id = ? AND series = ?',
  keepSeries: `INSERT INTO rule_series (rule_id, series, labels, missing_since_ms) VALUES (?, ?, ?, ?)
    ON CONFLICT (rule_id, series) DO UPDATE SET missing_since_ms = excluded.missing_since_ms`,
} as const;

/** Keeps the rules' state in alerting's database (`migrations/001-rules.sql`). */
export function createRuleStore(database: Database): RuleStore {
  const run = (sql: string, ...values: (string | number | null)[]) => database.prepare(sql).run(...values);
  return {
    load() {
      const alerts = Map.groupBy(database.prepare(SQL.alerts).all(), (row) => Number(row['rule_id']));
      const series = Map.groupBy(database.prepare(SQL.series).all(), (row) => Number(row['rule_id']));
      return database
        .prepare(SQL.rules)
        .all()
        .map((row) => toStoredRule(row, alerts.get(Number(row['id'])) ?? [], series.get(Number(row['id'])) ?? []));
    },
    add: ({ kind, file, group, name, labels }) => Number(run(SQL.add, kind, file, group, name, labels).lastInsertRowid),
    move: (id, { file, group, name, labels }) => void run(SQL.move, file, group, name, labels, id),
    remove: (id) => void run(SQL.remove, id),
    save(id, previous, next, evaluatedAtMs) {
      for (const fingerprint of previous.keys()) if (!next.has(fingerprint)) run(SQL.forget, id, fingerprint);
      for (const alert of next.values()) if (hasChanged(previous.get(alert.fingerprint), alert)) keep(run, id, alert);
      run(SQL.evaluated, evaluatedAtMs, id);
    },
    saveSeries(id, previous, next) {
      for (const key of previous.keys()) if (!next.has(key)) run(SQL.forgetSeries, id, key);
      for (const [key, series] of next)
        if (previous.get(key) !== series)
          run(SQL.keepSeries, id, key, JSON.stringify(series.labels), series.missingSinceMs ?? null);
    },
  };
}

function keep(run: (sql: string, ...values: (string | number | null)[]) => unknown, id: number, alert: ActiveAlert) {
  run(
    SQL.keep,
    id,
    alert.fingerprint,
    JSON.stringify(alert.labels),
    JSON.stringify(alert.annotations),
    alert.value,
    alert.activeAtMs,
    alert.firedAtMs ?? null,
    alert.keepFiringSinceMs ?? null,
    alert.series,
  );
}

function hasChanged(before: ActiveAlert | undefined, after: ActiveAlert): boolean {
  if (before === after) return false;
  return (
    !before ||
    !Object.is(before.value, after.value) ||
    before.activeAtMs !== after.activeAtMs ||
    before.firedAtMs !== after.firedAtMs ||
    before.keepFiringSinceMs !== after.keepFiringSinceMs ||
    before.series !== after.series ||
    JSON.stringify(before.annotations) !== JSON.stringify(after.annotations)
  );
}

type Row = Record<string, SQLOutputValue>;

function toStoredRule(row: Row, alertRows: readonly Row[], seriesRows: readonly Row[]): StoredRule {
  const alerts = alertRows.map(toActiveAlert);
  return {
    id: Number(row['id']),
    identity: {
      kind: row['kind'] === 'builtin' ? 'builtin' : 'file',
      file: String(row['file']),
      group: String(row['group_name']),
      name: String(row['name']),
      labels: String(row['labels']),
    },
    evaluatedAtMs: toTime(row['evaluated_at_ms']),
    alerts: new Map(alerts.map((alert) => [alert.fingerprint, alert])),
    series: new Map(seriesRows.map((each) => [String(each['series']), toKnownSeries(each)])),
  };
}

function toActiveAlert(row: Row): ActiveAlert {
  return {
    fingerprint: String(row['fingerprint']),
    labels: JSON.parse(String(row['labels'])) as LabelSet,
    annotations: JSON.parse(String(row['annotations'])) as LabelSet,
    // SQLite keeps NaN as NULL.
    value: row['value'] === null ? Number.NaN : Number(row['value']),
    activeAtMs: Number(row['active_at_ms']),
    firedAtMs: toTime(row['fired_at_ms']),
    keepFiringSinceMs: toTime(row['keep_firing_since_ms']),
    series: String(row['series']),
  };
}

function toKnownSeries(row: Row): KnownSeries {
  return { labels: JSON.parse(String(row['labels'])) as LabelSet, missingSinceMs: toTime(row['missing_since_ms']) };
}

function toTime(value: SQLOutputValue | undefined): number | undefined {
  return value === null || value === undefined ? undefined : Number(value);
}
