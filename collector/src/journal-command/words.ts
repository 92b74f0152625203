import { type Contents, formatTime } from './contents.ts';
import type { FoundLetter, FoundSegment, Inventory } from './inventory.ts';

/** Both lists, for a terminal. */
export function formatList({ segments, letters }: Inventory, now: number): string {
  const sum = (list: readonly { readonly bytes: number }[]): string =>
    formatBytes(list.reduce((total, { bytes }) => total + bytes, 0));
  const segmentRows = segments.map(({ id, signal, state, requests, records, bytes, createdAtMs }) => [
    id,
    signal,
    state,
    String(requests),
    String(records),
    formatBytes(bytes),
    formatAge(now - createdAtMs),
  ]);
  const letterRows = letters.map(({ id, bytes, letter }) => [
    id,
    letter?.signal ?? '?',
    letter?.reason ?? '?',
    '1',
    String(letter?.items ?? '?'),
    formatBytes(bytes),
    letter ? formatAge(now - letter.at.getTime()) : '?',
  ]);
  const head = ['ID', 'SIGNAL', 'STATE', 'REQUESTS', 'RECORDS', 'SIZE', 'AGE'];
  return [
    `Segments that wait to be loaded: ${segments.length}, ${sum(segments)}.`,
    ...(segments.length > 0 ? formatTable([head, ...segmentRows]) : []),
    '',
    `Dead letters: ${letters.length}, ${sum(letters)}.`,
    ...(letters.length > 0 ? formatTable([head, ...letterRows]) : []),
  ].join('\n');
}

/** Why a dead letter is one. */
export function describeLetter({ id, bytes, letter }: FoundLetter): readonly string[] {
  if (!letter) return [`Dead letter ${id}, ${formatBytes(bytes)}. The file with the reason is missing.`];
  const { segment, signal, reason, table, code, message, at } = letter;
  const who =
    reason === 'damaged'
      ? 'Its bytes changed on the disk after they had been written.'
      : `ClickHouse refused it for ${table ?? 'its table'}${code === undefined ? '' : ` with code ${code}`}.`;
  const only = signal === 'metrics' && table !== undefined ? [`Points of other kinds in it are in their tables.`] : [];
  return [
    `Dead letter ${id}: a request of ${signal}, ${formatBytes(bytes)}, set aside at ${at.toISOString()}.`,
    who,
    ...only,
    `  ${message.trim().replaceAll('\n', '\n  ')}`,
    `It came in segment ${segment}.`,
  ];
}

const STATES: Readonly<Record<FoundSegment['state'], string>> = {
  open: 'is being written',
  waiting: 'waits to be loaded',
  partly_loaded: 'is loaded in parts, and a part is missing yet',
  replay: 'was sent back and waits for the collector',
};

/** What state a segment is in. */
export function describeSegment({ id, signal, state, requests, bytes, createdAtMs }: FoundSegment, now: number) {
  return [
    `Segment ${id} ${STATES[state]}: ${requests} requests of ${signal}, ${formatBytes(bytes)}, begun ${formatAge(now - createdAtMs)} ago.`,
  ];
}

const MOST_SERVICES = 10;

/** What is in it. */
export function describeContents(contents: Contents): readonly string[] {
  const { records, services, earliestNs, latestNs, first, problem } = contents;
  const named = services.slice(0, MOST_SERVICES).map((one) => `${one.service || '(no name)'} ${one.records}`);
  const more = services.length > MOST_SERVICES ? ` and ${services.length - MOST_SERVICES} more` : '';
  return [
    ...(problem === undefined ? [] : [`Content: ${problem}.`]),
    ...(records === 0 ? [] : [`Records: ${records}. By service: ${named.join(', ')}${more}.`]),
    ...(earliestNs === undefined || latestNs === undefined
      ? []
      : [`Times: ${formatTime(earliestNs)} to ${formatTime(latestNs)}.`]),
    ...(first === undefined ? [] : [`First: ${first}.`]),
  ];
}

/** JSON for programs; 64-bit numbers as text. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? String(one) : one), 2);
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1);
  const value = bytes / 1024 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${UNITS[power] ?? 'B'}`;
}

function formatAge(ageMs: number): string {
  const ageS = Math.max(0, Math.round(ageMs / 1_000));
  if (ageS < 120) return `${ageS} s`;
  if (ageS < 7_200) return `${Math.floor(ageS / 60)} min`;
  return ageS < 172_800 ? `${Math.floor(ageS / 3_600)} h` : `${Math.floor(ageS / 86_400)} d`;
}

function formatTable(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
}
