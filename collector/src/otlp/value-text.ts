import { ProtoReader } from './proto-reader.ts';

/** The field numbers of AnyValue. Source: opentelemetry-proto, common.proto. */
export const ANY_VALUE_FIELD = { string: 1, bool: 2, int: 3, double: 4, array: 5, kvlist: 6, bytes: 7 } as const;

/** A reader that stands on the AnyValue's value: the last one, where several are on the wire (protobuf's oneof rule). */
export function lastValue(bytes: Buffer, start: number, end: number): ProtoReader | undefined {
  let found: ProtoReader | undefined;
  const reader = new ProtoReader(bytes, start, end);
  while (reader.nextField()) {
    if (reader.number < ANY_VALUE_FIELD.string || reader.number > ANY_VALUE_FIELD.bytes) continue;
    found = new ProtoReader(bytes, reader.fieldStart, end);
    found.nextField();
  }
  return found;
}

/**
 * The text that stands for an array, a map or bytes in the attribute columns: JSON with a map's keys sorted and
 * the last of equal keys kept, bytes as base64. The OpenTelemetry ClickHouse exporter stores the same, except that it
 * writes `<`, `>` and `&` as \u escapes.
 */
export function textOfComplexValue(value: ProtoReader): string {
  if (value.number === ANY_VALUE_FIELD.bytes) return base64(value);
  return jsonOf(value);
}

function base64(value: ProtoReader): string {
  return value.bytes.toString('base64', value.start, value.end);
}

function jsonOf(value: ProtoReader): string {
  switch (value.number) {
    case ANY_VALUE_FIELD.string:
      return JSON.stringify(value.text());
    case ANY_VALUE_FIELD.bool:
      return value.int64() === 0n ? 'false' : 'true';
    case ANY_VALUE_FIELD.int:
      return value.int64().toString();
    case ANY_VALUE_FIELD.double:
      return jsonOfDouble(value.bytes.readDoubleLE(value.start));
    case ANY_VALUE_FIELD.array:
      return jsonOfArray(value);
    case ANY_VALUE_FIELD.kvlist:
      return jsonOfMap(value);
    default:
      return `"${base64(value)}"`;
  }
}

/** JSON has no NaN and no infinity: they become the strings that protobuf's JSON mapping uses. */
function jsonOfDouble(value: number): string {
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? String(value) : `"${value}"`;
}

function jsonOfAnyValue(bytes: Buffer, start: number, end: number): string {
  const value = lastValue(bytes, start, end);
  return value ? jsonOf(value) : 'null';
}

function jsonOfArray({ bytes, start, end }: ProtoReader): string {
  const parts: string[] = [];
  const reader = new ProtoReader(bytes, start, end);
  while (reader.nextField()) if (reader.number === 1) parts.push(jsonOfAnyValue(bytes, reader.start, reader.end));
  return `[${parts.join(',')}]`;
}

function jsonOfMap({ bytes, start, end }: ProtoReader): string {
  const entries = new Map<string, string>();
  const reader = new ProtoReader(bytes, start, end);
  while (reader.nextField()) {
    if (reader.number !== 1) continue;
    let key = '';
    let json = 'null';
    const pair = new ProtoReader(bytes, reader.start, reader.end);
    while (pair.nextField()) {
      if (pair.number === 1) key = pair.text();
      else if (pair.number === 2) json = jsonOfAnyValue(bytes, pair.start, pair.end);
    }
    entries.set(key, json);
  }
  const sorted = [...entries].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([key, json]) => `${JSON.stringify(key)}:${json}`).join(',')}}`;
}
