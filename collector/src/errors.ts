/** Every error the collector throws, by code. `docs/errors.md` of this package explains each. */
export const COLLECTOR_ERRORS = {
  journal_locked: 'another collector uses this data directory',
  journal_closed: 'the journal has been stopped',
  journal_write_failed: 'the disk refused a write to the journal',
  bad_certificate: 'the certificate of the listeners cannot be used',
  schema_newer: 'the database was made by a newer Tocsin',
  schema_foreign: 'the database has a migration of the same number and another name',
  schema_not_clustered: 'clickhouse.cluster is set and the database was made without it',
  schema_clustered: 'the database was made for a cluster and clickhouse.cluster is not set',
  servers_not_replicated: 'clickhouse.url names several servers that do not share their data',
  server_too_old: 'this ClickHouse is too old',
} as const;

/** The code of an error of the collector. */
export type CollectorErrorCode = keyof typeof COLLECTOR_ERRORS;

/** An error of the collector; tell errors apart by `code`, never by message. */
export class CollectorError extends Error {
  readonly code: CollectorErrorCode;

  constructor(code: CollectorErrorCode, detail: string, options?: ErrorOptions) {
    super(`${COLLECTOR_ERRORS[code]}: ${detail}`, options);
    this.name = 'CollectorError';
    this.code = code;
  }
}
