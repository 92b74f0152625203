import type { Signal } from '../signal.ts';
import {
  ATTRIBUTE_KEY_FIELD,
  ATTRIBUTE_VALUE_FIELD,
  CHILD_SHIFT,
  codes,
  fieldsOf,
  indexOfMessage,
  isMessageCode,
  ITEM,
  itemKinds,
  REQUEST,
  TABLE_WIDTH,
} from './field-table.ts';
import type { AcceptWindow, Refusal, RefusedReason } from './item-judge.ts';
import { ProtoReader } from './proto-reader.ts';
import { ANY_VALUE_FIELD, lastValue } from './value-text.ts';

/** How the items of each signal are called, one and many. */
const ITEM_NAMES: Readonly<Record<Signal, readonly [one: string, many: string]>> = {
  traces: ['span', 'spans'],
  metrics: ['data point', 'data points'],
  logs: ['log record', 'log records'],
};

const ATTRIBUTES_OF_RESOURCE = fieldsOf[indexOfMessage('Resource')]?.find(({ name }) => name === 'attributes')?.number;
const SHOWN_CHARACTERS = 80;
const NS_PER_MS = 1_000_000n;

const EXPLANATIONS: Readonly<Record<RefusedReason, string>> = {
  missing_id: 'has no trace id or no span id',
  bad_id: 'has an id of a wrong length or not in hex: expected 16 bytes for a trace id, 8 for a span id',
  zero_id: 'has a trace id or a span id of zeros only',
  no_value: 'has neither a value nor the flag that there is none',
  missing_time: 'has no time',
  too_old: 'is too old',
  too_new: 'is from the future',
};

/** What is known of an item from where it lies. */
interface Found {
  service?: string | undefined;
  metric?: string;
  name?: string;
  timeNs?: bigint;
}

/**
 * Names what was refused, for `partial_success.error_message`: how many of how many, for which reasons, and one item for each reason.
 * @param total spans, points or records that came
 */
export function describeRefusals(
  signal: Signal,
  body: Buffer,
  refusals: readonly Refusal[],
  total: number,
  window: AcceptWindow,
): string {
  const refused = refusals.reduce((sum, { count }) => sum + count, 0);
  const [one, many] = ITEM_NAMES[signal];
  const parts = refusals.map(({ reason, count, exampleAt }) => {
    const found = findItem(signal, body, exampleAt);
    return `${count} ${reason}, as ${nameItem(one, found)}, which ${EXPLANATIONS[reason]}${describeTime(reason, found, window)}`;
  });
  return `${refused} of ${total} ${total === 1 ? one : many} refused: ${parts.join('; ')}`;
}

function describeTime(
  reason: RefusedReason,
  { timeNs = 0n }: Found,
  { nowMs, pastMs, futureMs }: AcceptWindow,
): string {
  if (reason !== 'too_old' && reason !== 'too_new') return '';
  const bound = reason === 'too_old' ? nowMs - pastMs : nowMs + futureMs;
  const which = reason === 'too_old' ? 'the earliest' : 'the latest';
  return ` (${formatTime(Number(timeNs / NS_PER_MS))}; ${which} accepted now is ${formatTime(bound)})`;
}

function formatTime(timeMs: number): string {
  const date = new Date(timeMs);
  return Number.isNaN(date.getTime()) ? `${timeMs} ms after 1970` : date.toISOString();
}

function nameItem(item: string, { name, metric, service }: Found): string {
  const called = name === undefined ? '' : ` ${quote(name)}`;
  const measured = metric === undefined ? '' : ` of metric ${quote(metric)}`;
  return `${item}${called}${measured}${service === undefined ? '' : ` of service ${quote(service)}`}`;
}

function quote(text: string): string {
  return JSON.stringify(text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text);
}

/** Walks down to the item and gathers what names it on the way. Everything beside the way is stepped over by its length. */
function findItem(signal: Signal, body: Buffer, itemAt: number): Found {
  const found: Found = {};
  let message = REQUEST[signal];
  let start = 0;
  let end = body.length;
  while ((itemKinds[message] ?? ITEM.none) === ITEM.none) {
    const inside = step(message, new ProtoReader(body, start, end), itemAt, found);
    if (!inside) return found;
    ({ message, start, end } = inside);
  }
  readItem(message, new ProtoReader(body, start, end), found);
  return found;
}

type Part = { readonly message: number; readonly start: number; readonly end: number };

function step(message: number, reader: ProtoReader, itemAt: number, found: Found): Part | undefined {
  let inside: Part | undefined;
  while (reader.nextField()) {
    const { number, start, end } = reader;
    const code = number < TABLE_WIDTH ? (codes[message * TABLE_WIDTH + number] as number) : 0;
    const child = code >>> CHILD_SHIFT;
    const field = fieldsOf[message]?.find((candidate) => candidate.number === number);
    if (field?.name === 'resource') found.service = readService(reader);
    if (field?.name === 'name') found.metric = reader.text();
    // Between two fields there is at least a tag, so only one can hold the place, be it its last.
    if (isMessageCode(code) && start <= itemAt && itemAt <= end) inside = { message: child, start, end };
  }
  return inside;
}

/** The attribute `service.name` of the resource that the reader stands on. */
function readService({ bytes, start, end }: ProtoReader): string | undefined {
  let service: string | undefined;
  const resource = new ProtoReader(bytes, start, end);
  while (resource.nextField()) {
    if (resource.number !== ATTRIBUTES_OF_RESOURCE) continue;
    let key = '';
    let value: ProtoReader | undefined;
    const pair = new ProtoReader(bytes, resource.start, resource.end);
    while (pair.nextField()) {
      if (pair.number === ATTRIBUTE_KEY_FIELD) key = pair.text();
      else if (pair.number === ATTRIBUTE_VALUE_FIELD) value = lastValue(bytes, pair.start, pair.end);
    }
    if (key === 'service.name' && value?.number === ANY_VALUE_FIELD.string) service = value.text();
  }
  return service;
}

function readItem(message: number, reader: ProtoReader, found: Found): void {
  while (reader.nextField()) {
    const field = fieldsOf[message]?.find(({ number }) => number === reader.number);
    if (field?.name === 'name') found.name = reader.text();
    const time = field?.label === 'item_time' || (field?.label === 'observed_time' && !found.timeNs);
    if (time) found.timeNs = reader.bytes.readBigUInt64LE(reader.start);
  }
}
