const TEXT = 'text/plain; charset=UTF-8';
const JSON_TEXT = 'application/json; charset=UTF-8';
const NDJSON = 'application/x-ndjson; charset=UTF-8';
const TSV = 'text/tab-separated-values; charset=UTF-8';
const CSV = 'text/csv; charset=UTF-8';

const EXACT: Readonly<Record<string, string>> = {
  JSONEachRow: NDJSON,
  JSONLines: NDJSON,
  NDJSON,
  Parquet: 'application/octet-stream',
  XML: 'application/xml; charset=UTF-8',
  Markdown: 'text/markdown; charset=UTF-8',
  HTML: 'text/html; charset=UTF-8',
};

const BINARY = /^(Native|RowBinary|Protobuf|Avro|ORC|Arrow|MsgPack|BSON|CapnProto|Buffers|Npy|RawBLOB|RawWithoutNames)/;

/** The media type of an output format, as ClickHouse gives it. */
export function contentTypeOf(format: string): string {
  const exact = EXACT[format];
  if (exact !== undefined) return exact;
  if (BINARY.test(format)) return 'application/octet-stream';
  if (format.startsWith('JSON')) return JSON_TEXT;
  if (/^(TSV|TabSeparated)/.test(format)) return TSV;
  if (format.startsWith('CSV')) return `${CSV}; header=${/WithNames/.test(format) ? 'present' : 'absent'}`;
  return TEXT;
}
