import type { Signal } from '../../signal.ts';
import { type Field, fieldsOf, REQUEST } from '../field-table.ts';
import type { Malformed } from '../malformed.ts';
import { ProtoWriter } from '../proto-writer.ts';
import { BYTES_PER_PART, FREE_PARTS, MAX_DEPTH } from '../scan.ts';
import { findExcess, MAX_MEMBERS } from './count-parts.ts';
import { keepExactly } from './exact-integers.ts';
import { JsonProblem, RoundedInteger, wrongValue } from './problem.ts';
import { writePacked, writeScalar } from './scalars.ts';

/** An export request that came as JSON, as protobuf. */
export type JsonEncoding = { readonly status: 'ok'; readonly body: Buffer } | Malformed;

const fieldsByJsonName: readonly ReadonlyMap<string, Field>[] = fieldsOf.map(
  (fields) => new Map(fields.map((field) => [field.jsonName, field])),
);

/** Writes JSON values as protobuf along the field table; `path` says where it is. */
class JsonEncoder {
  readonly writer = new ProtoWriter(16_384);
  readonly path: (string | number)[] = [];

  message(message: number, value: unknown, depth: number): void {
    if (depth > MAX_DEPTH) throw new JsonProblem('too_deep', `messages nest deeper than ${MAX_DEPTH} levels`);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongValue('an object', value);
    const known = fieldsByJsonName[message] as ReadonlyMap<string, Field>;
    let oneof: string | undefined;
    for (const name of Object.keys(value)) {
      const item = (value as Readonly<Record<string, unknown>>)[name];
      const field = known.get(name);
      // null is the default value in protobuf's JSON: absent.
      if (!field || item === null) continue;
      this.path.push(name);
      if (field.label === 'oneof') {
        if (oneof !== undefined) throw new JsonProblem('bad_value', `only one of ${oneof} and ${name} may be set`);
        oneof = name;
      }
      this.#field(field, item, depth);
      this.path.pop();
    }
  }

  #field(field: Field, value: unknown, depth: number): void {
    if (field.label !== 'repeated') return this.#single(field, value, depth);
    if (!Array.isArray(value)) throw wrongValue('an array', value);
    // ClickHouse cannot read a packed list of no elements.
    if (value.length === 0) return;
    const packed = field.type === 'message' ? undefined : writePacked[field.type];
    const mark = packed ? this.writer.begin(field.number) : 0;
    for (const [index, item] of value.entries()) {
      this.path.push(index);
      if (packed) packed(this.writer, item);
      else this.#single(field, item, depth);
      this.path.pop();
    }
    if (packed) this.writer.end(mark);
  }

  #single(field: Field, value: unknown, depth: number): void {
    if (field.type !== 'message') return writeScalar[field.type](this.writer, field.number, value);
    const mark = this.writer.begin(field.number);
    this.message(field.child, value, depth + 1);
    this.writer.end(mark);
  }
}

/**
 * Encodes an OTLP/JSON export request as protobuf: lowerCamelCase names, hex ids in either case, 64-bit integers as text or
 * number and always exact, enums as numbers, unknown fields ignored.
 * Source: OTLP specification 1.11.0, "JSON Protobuf Encoding".
 */
export function encodeJsonRequest(signal: Signal, body: Uint8Array): JsonEncoding {
  const mostParts = Math.max(FREE_PARTS, Math.floor(body.length / BYTES_PER_PART));
  const excess = findExcess(mostParts, body);
  if (excess) {
    const most = `${FREE_PARTS}, or one for every ${BYTES_PER_PART} bytes`;
    const message =
      excess === 'members'
        ? `an object has more than ${MAX_MEMBERS} members`
        : `the request consists of too many objects and arrays (at most ${most})`;
    return malformed('too_many_parts', [], message);
  }
  const text = decodeText(body);
  if (text === undefined) return malformed('bad_utf8', [], 'the JSON is not UTF-8');
  const parsed = parseJson(text);
  if (!parsed.ok) return malformed('bad_json', [], parsed.message);
  try {
    return encodeValue(signal, parsed.value);
  } catch (error) {
    if (!(error instanceof RoundedInteger)) throw error;
    return encodeValue(signal, JSON.parse(keepExactly(text)));
  }
}

function encodeValue(signal: Signal, value: unknown): JsonEncoding {
  const encoder = new JsonEncoder();
  try {
    encoder.message(REQUEST[signal], value, 1);
    return { status: 'ok', body: encoder.writer.finish() };
  } catch (error) {
    if (error instanceof JsonProblem) return malformed(error.reason, encoder.path, error.message);
    throw error;
  }
}

function decodeText(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function parseJson(text: string): { ok: true; value: unknown } | { ok: false; message: string } {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    if (error instanceof SyntaxError) return { ok: false, message: `not JSON: ${error.message}` };
    throw error;
  }
}

function malformed(reason: Malformed['reason'], path: readonly (string | number)[], message: string): Malformed {
  const field = path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
    '',
  );
  return { status: 'malformed', reason, field, message: field === '' ? message : `${message} in ${field}` };
}
