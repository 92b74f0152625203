/** Hand-made protobuf for tests, written apart from the code under test. */

export function varint(value: number | bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return bytes;
}

type Content = string | Uint8Array | readonly number[];

function flat(contents: readonly Content[]): number[] {
  return contents.flatMap((content) => (typeof content === 'string' ? [...Buffer.from(content)] : [...content]));
}

/** A length-delimited field. */
export function field(number: number, ...contents: Content[]): number[] {
  const content = flat(contents);
  return [...varint(BigInt(number) * 8n + 2n), ...varint(content.length), ...content];
}

/** A varint field. */
export function numberField(number: number, value: number | bigint): number[] {
  return [...varint(BigInt(number) * 8n), ...varint(value)];
}

/** A 64-bit field. */
export function fixed64Field(number: number, value: bigint): number[] {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
  return [...varint(BigInt(number) * 8n + 1n), ...bytes];
}

/** A double field. */
export function doubleField(number: number, value: number): number[] {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return [...varint(BigInt(number) * 8n + 1n), ...bytes];
}

export const TRACE_ID = Buffer.from('5b8efff798038103d269b633813fc60c', 'hex');
export const SPAN_ID = Buffer.from('eee19b7ec3c1b174', 'hex');

/** The time of everything here: when the test began. */
export const TIME_NS = BigInt(Date.now()) * 1_000_000n;

/** A span with ids, name and times, and what else is given. */
export function span(...more: Content[]): number[] {
  const times = [...fixed64Field(7, TIME_NS), ...fixed64Field(8, TIME_NS + 1n)];
  return [...field(1, TRACE_ID), ...field(2, SPAN_ID), ...field(5, 'GET /'), ...times, ...flat(more)];
}

/** A number point with time and value, and what else is given. */
export function point(...more: Content[]): number[] {
  return [...fixed64Field(3, TIME_NS), ...doubleField(4, 1.5), ...flat(more)];
}

/** A trace request with one resource and one scope. */
export function traceRequest(...spans: Content[]): Buffer {
  return Buffer.from(field(1, field(2, ...spans.map((bytes) => field(2, bytes)))));
}

/** A log request with one record, which has a time. */
export function logRequest(...record: Content[]): Buffer {
  return Buffer.from(field(1, field(2, field(2, fixed64Field(1, TIME_NS), ...record))));
}

/** A metric request with one metric. */
export function metricRequest(...metric: Content[]): Buffer {
  return Buffer.from(field(1, field(2, field(2, ...metric))));
}

/** A KeyValue whose AnyValue is given. */
export function keyValue(key: string, ...value: Content[]): number[] {
  return [...field(1, key), ...field(2, ...value)];
}
