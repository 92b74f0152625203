import type { ScalarType } from '../messages.ts';
import { WIRE } from '../field-table.ts';
import type { ProtoWriter } from '../proto-writer.ts';
import { exactDigits } from './exact-integers.ts';
import { RoundedInteger, wrongValue } from './problem.ts';

const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n, name: 'a 64-bit integer' };
const UINT64 = { min: 0n, max: 2n ** 64n - 1n, name: 'an unsigned 64-bit integer' };
const INT32 = { min: -(2n ** 31n), max: 2n ** 31n - 1n, name: 'a 32-bit integer' };
const UINT32 = { min: 0n, max: 2n ** 32n - 1n, name: 'an unsigned 32-bit integer' };

const DECIMAL = /^-?\d{1,20}$/;
const NUMBER = /^-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;
const HEX = /^[0-9a-fA-F]*$/;
const NAMED_DOUBLES: ReadonlyMap<string, number> = new Map([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);

type Range = typeof INT64;

/** Reads an integer from a JSON number or a decimal string, exactly. */
function readInteger(value: unknown, { min, max, name }: Range): bigint {
  let integer: bigint | undefined;
  const text = exactDigits(value) ?? value;
  if (typeof text === 'string' && DECIMAL.test(text)) integer = BigInt(text);
  else if (typeof value === 'number' && Number.isInteger(value)) {
    if (!Number.isSafeInteger(value)) throw new RoundedInteger();
    integer = BigInt(value);
  }
  if (integer === undefined || integer < min || integer > max) throw wrongValue(name, value);
  return integer;
}

function readSmall(value: unknown, range: Range): number {
  return Number(readInteger(value, range));
}

function readEnum(value: unknown): number {
  // Names are legal in protobuf's JSON, not in OTLP's. Source: OTLP specification 1.11.0, "JSON Protobuf Encoding".
  if (typeof value === 'string') throw wrongValue('an enum value as a number', value);
  return readSmall(value, INT32);
}

function readDouble(value: unknown): number {
  if (typeof value === 'number') return value;
  const digits = exactDigits(value);
  if (digits !== undefined) return Number(digits);
  if (typeof value === 'string') {
    const named = NAMED_DOUBLES.get(value);
    if (named !== undefined) return named;
    if (NUMBER.test(value)) return Number(value);
  }
  throw wrongValue('a number, "NaN", "Infinity" or "-Infinity"', value);
}

function readBytes(value: unknown): Uint8Array {
  if (typeof value !== 'string' || !BASE64.test(value)) throw wrongValue('base64 text', value);
  return Buffer.from(value, 'base64');
}

function readText(value: unknown): string {
  if (typeof value !== 'string' || exactDigits(value) !== undefined) throw wrongValue('text', value);
  return value;
}

/** Stands for an id that is not hex: of no id's length. */
const NOT_HEX = Buffer.of(0);

/**
 * Ids are hex in either case, not base64 as other bytes. Empty means absent. One of a wrong length is written as it is, and one that is not hex as
 * one byte, for the scan refuses the one item it belongs to; an odd number of digits makes a byte more, so that it is never of the right length.
 */
function readId(value: unknown): Uint8Array {
  if (typeof value !== 'string' || exactDigits(value) !== undefined) throw wrongValue('an id in hex digits', value);
  if (!HEX.test(value)) return NOT_HEX;
  return Buffer.from(value.length % 2 === 0 ? value : `${value}0`, 'hex');
}

function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}

/** Writes the value without its tag: for packed lists and, behind a tag, for single numbers. */
type WriteNumber = (writer: ProtoWriter, value: unknown) => void;

const VARINTS = {
  bool: (writer, value) => {
    if (typeof value !== 'boolean') throw wrongValue('true or false', value);
    writer.varint(value ? 1 : 0);
  },
  int32: (writer, value) => writer.varint64(readInteger(value, INT32)),
  sint32: (writer, value) => writer.varint(zigzag(readSmall(value, INT32))),
  uint32: (writer, value) => writer.varint(readSmall(value, UINT32)),
  enum: (writer, value) => writer.varint64(BigInt(readEnum(value))),
  int64: (writer, value) => writer.varint64(readInteger(value, INT64)),
  uint64: (writer, value) => writer.varint64(readInteger(value, UINT64)),
} satisfies Record<string, WriteNumber>;

const FIXED64S = {
  fixed64: (writer, value) => writer.fixed64(readInteger(value, UINT64)),
  sfixed64: (writer, value) => writer.fixed64(readInteger(value, INT64)),
  double: (writer, value) => writer.double(readDouble(value)),
} satisfies Record<string, WriteNumber>;

/** Writes one scalar field with its tag. An empty id is left out: it means absent. */
export const writeScalar: Readonly<Record<ScalarType, (writer: ProtoWriter, field: number, value: unknown) => void>> = {
  ...withTag(VARINTS, WIRE.varint),
  ...withTag(FIXED64S, WIRE.fixed64),
  fixed32: (writer, field, value) => {
    writer.tag(field, WIRE.fixed32);
    writer.fixed32(readSmall(value, UINT32));
  },
  string: (writer, field, value) => writer.string(field, readText(value)),
  bytes: (writer, field, value) => writer.bytes(field, readBytes(value)),
  trace_id: (writer, field, value) => writeId(writer, field, readId(value)),
  span_id: (writer, field, value) => writeId(writer, field, readId(value)),
};

/** Writes one element of a packed list; absent for types that cannot be packed. */
export const writePacked: Readonly<Partial<Record<ScalarType, WriteNumber>>> = { ...VARINTS, ...FIXED64S };

function writeId(writer: ProtoWriter, field: number, id: Uint8Array): void {
  if (id.byteLength > 0) writer.bytes(field, id);
}

function withTag<Key extends string>(
  writers: Readonly<Record<Key, WriteNumber>>,
  wire: number,
): Record<Key, (writer: ProtoWriter, field: number, value: unknown) => void> {
  const tagged = Object.entries<WriteNumber>(writers).map(([type, write]) => [
    type,
    (writer: ProtoWriter, field: number, value: unknown) => {
      writer.tag(field, wire);
      write(writer, value);
    },
  ]);
  return Object.fromEntries(tagged) as Record<Key, (writer: ProtoWriter, field: number, value: unknown) => void>;
}
