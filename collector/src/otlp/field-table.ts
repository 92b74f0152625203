import type { Signal } from '../signal.ts';
import { type FieldLabel, type MessageName, messages, type ScalarType } from './messages.ts';

/** Protobuf's wire types. Source: protobuf.dev, "Encoding", message structure. */
export const WIRE = { varint: 0, fixed64: 1, length: 2, groupStart: 3, groupEnd: 4, fixed32: 5 } as const;

/** What the scanner does with a field's bytes; 0 is an unknown field. */
export const SHAPE = {
  varint: 1,
  fixed64: 2,
  fixed32: 3,
  string: 4,
  bytes: 5,
  traceId: 6,
  spanId: 7,
  repeatedFixed64: 8,
  repeatedVarint: 9,
  /** The time by which an item is stored, what stands in for it, and a span's end. */
  itemTime: 10,
  observedTime: 11,
  endTime: 12,
  message: 14,
  /** A `KeyValue` of a list of attributes. */
  attribute: 15,
} as const;

/** Field numbers below this are in the table; OTLP has none above. */
export const TABLE_WIDTH = 32;
/** In a code: the bits of the shape. */
export const SHAPE_MASK = 0xf;
/** In a code: an attribute value that takes the side door (array, map or bytes). */
export const COMPLEX_BIT = 0x10;
/** The fields of `KeyValue`. */
export const ATTRIBUTE_KEY_FIELD = 1;
export const ATTRIBUTE_VALUE_FIELD = 2;
/** In a code: how far the child message's index is shifted. */
export const CHILD_SHIFT = 5;

/** One field as the JSON encoder uses it. */
export interface Field {
  readonly name: string;
  readonly jsonName: string;
  readonly number: number;
  /** The scalar's type, or `message`. */
  readonly type: ScalarType | 'message';
  /** The index of the field's message; -1 for a scalar. */
  readonly child: number;
  readonly label: FieldLabel | undefined;
}

const SHAPES: Readonly<Record<ScalarType, number>> = {
  bool: SHAPE.varint,
  int32: SHAPE.varint,
  sint32: SHAPE.varint,
  uint32: SHAPE.varint,
  enum: SHAPE.varint,
  int64: SHAPE.varint,
  uint64: SHAPE.varint,
  fixed32: SHAPE.fixed32,
  fixed64: SHAPE.fixed64,
  sfixed64: SHAPE.fixed64,
  double: SHAPE.fixed64,
  string: SHAPE.string,
  bytes: SHAPE.bytes,
  trace_id: SHAPE.traceId,
  span_id: SHAPE.spanId,
};

const COMPLEX_FIELDS: ReadonlySet<string> = new Set(['array_value', 'kvlist_value', 'bytes_value']);

/** What a message is that makes one row: 0 for every other message. */
export const ITEM = { none: 0, point: 1, numberPoint: 2, span: 3, record: 4 } as const;
export type ItemKind = (typeof ITEM)[keyof typeof ITEM];

const ITEM_KINDS: Readonly<Partial<Record<MessageName, ItemKind>>> = {
  Span: ITEM.span,
  LogRecord: ITEM.record,
  NumberDataPoint: ITEM.numberPoint,
  HistogramDataPoint: ITEM.point,
  ExponentialHistogramDataPoint: ITEM.point,
  SummaryDataPoint: ITEM.point,
};

const TIME_SHAPES: Readonly<Partial<Record<FieldLabel, number>>> = {
  item_time: SHAPE.itemTime,
  observed_time: SHAPE.observedTime,
  end_time: SHAPE.endTime,
};

const names = Object.keys(messages) as MessageName[];

function isMessage(type: ScalarType | MessageName): type is MessageName {
  return type in messages;
}

function toField(name: string, number: number, type: ScalarType | MessageName, label?: FieldLabel): Field {
  const jsonName = name.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
  const message = isMessage(type);
  return { name, jsonName, number, type: message ? 'message' : type, child: message ? names.indexOf(type) : -1, label };
}

/** The fields of every message, by the message's index. */
export const fieldsOf: readonly (readonly Field[])[] = names.map((name) =>
  Object.entries(messages[name]).map(([field, [number, type, label]]) => toField(field, number, type, label)),
);

/** A message's index. */
export function indexOfMessage(name: MessageName): number {
  return names.indexOf(name);
}

/** The index of the message that an export request of this signal is. */
export const REQUEST: Readonly<Record<Signal, number>> = {
  traces: indexOfMessage('TracesRequest'),
  metrics: indexOfMessage('MetricsRequest'),
  logs: indexOfMessage('LogsRequest'),
};

/** The index of AnyValue. */
export const ANY_VALUE = indexOfMessage('AnyValue');
/** The index of KeyValue. */
export const KEY_VALUE = indexOfMessage('KeyValue');

/** Whether a field's code is that of a message, an attribute included. */
export function isMessageCode(code: number): boolean {
  return (code & SHAPE_MASK) >= SHAPE.message;
}

function codeOf(message: MessageName, field: Field): number {
  const complex = message === 'AnyValue' && COMPLEX_FIELDS.has(field.name) ? COMPLEX_BIT : 0;
  // The entries of a map value are no list of attributes: their text is made elsewhere.
  const attribute = field.child === KEY_VALUE && message !== 'KeyValueList';
  if (field.type === 'message')
    return (attribute ? SHAPE.attribute : SHAPE.message) | complex | (field.child << CHILD_SHIFT);
  const shape = (field.label && TIME_SHAPES[field.label]) ?? SHAPES[field.type];
  if (field.label === 'repeated' && shape === SHAPE.fixed64) return SHAPE.repeatedFixed64;
  if (field.label === 'repeated' && shape === SHAPE.varint) return SHAPE.repeatedVarint;
  return shape | complex;
}

/** The code of field `n` of message `m` is at `m * TABLE_WIDTH + n`; 0 where OTLP has no such field. */
export const codes: Uint16Array = (() => {
  const table = new Uint16Array(names.length * TABLE_WIDTH);
  for (const [index, name] of names.entries())
    for (const field of fieldsOf[index] ?? []) table[index * TABLE_WIDTH + field.number] = codeOf(name, field);
  return table;
})();

/** For every message its kind of item. */
export const itemKinds: Uint8Array = Uint8Array.from(names, (name) => ITEM_KINDS[name] ?? ITEM.none);

/** 1 for a message that holds items: what else it holds, as a resource's attributes, is stored with every one of them. */
export const holdsItems: Uint8Array = (() => {
  const holds = new Uint8Array(names.length);
  for (let changed = true; changed;) {
    changed = false;
    for (const [index, fields] of fieldsOf.entries()) {
      if (
        holds[index] === 1 ||
        !fields.some(({ child }) => (itemKinds[child] ?? 0) !== ITEM.none || holds[child] === 1)
      )
        continue;
      holds[index] = 1;
      changed = true;
    }
  }
  return holds;
})();

/** For every message the bits `1 << number` of its fields that exclude one another. */
export const exclusive: Uint32Array = Uint32Array.from(fieldsOf, (fields) =>
  fields.reduce((bits, { number, label }) => (label === 'oneof' ? bits | (1 << number) : bits), 0),
);

/**
 * For every message the bits `1 << number` of the messages in it that may be there once. Protobuf would have a second one merged into the
 * first, which no sender needs, and by which a list of attributes would come in parts. An AnyValue counts as having the last of its values.
 */
export const single: Uint32Array = Uint32Array.from(fieldsOf, (fields, index) =>
  fields.reduce(
    (bits, { number, label, type }) =>
      type === 'message' && label !== 'repeated' && index !== ANY_VALUE ? bits | (1 << number) : bits,
    0,
  ),
);

/** The protobuf name of a field, or `field 77` for an unknown one. */
export function nameOfField(message: number, number: number): string {
  return fieldsOf[message]?.find((field) => field.number === number)?.name ?? `field ${number}`;
}
