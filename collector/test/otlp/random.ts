import { doubleField, field, fixed64Field, keyValue, numberField, SPAN_ID, TRACE_ID } from './bytes.ts';
import type { Signal } from '../../src/signal.ts';

/** Numbers in [0, 1) from a seed, so that a failure can be repeated. */
export type Random = () => number;

/** A seeded generator. */
export function mulberry32(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number from 0 to `limit - 1`. */
export function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

/** Stands in unknown fields, so that a test can count whether all of them are still there. */
export const MARK = 'unknown-field-mark';

function times<Item>(random: Random, most: number, make: () => Item): Item[] {
  return Array.from({ length: below(random, most + 1) }, make);
}

/** The fields in a random order, as protobuf allows, now and then with an unknown one between. */
function shuffled(random: Random, fields: readonly number[][]): number[] {
  const all = random() < 0.2 ? [...fields, field(30, MARK)] : [...fields];
  return all
    .map((bytes) => ({ bytes, order: random() }))
    .toSorted((a, b) => a.order - b.order)
    .flatMap(({ bytes }) => bytes);
}

/** Few different keys, so that twins are frequent; short ones, long ones, and such as differ in one place. */
function key(random: Random): string {
  const length = [0, 1, 2, 3, 5, 20, 60, 200][below(random, 8)] ?? 0;
  const letters = 'a'.repeat(length).split('');
  if (length > 0 && random() < 0.7) letters[below(random, length)] = 'üb'[below(random, 2)] ?? '';
  return letters.join('');
}

function attribute(random: Random, simple: boolean): number[] {
  const values = [
    field(1, 'text'),
    field(1, 'x'.repeat(150)),
    numberField(2, 0),
    numberField(3, -7n),
    doubleField(4, 0.5),
    [],
  ];
  const value = values[below(random, values.length)] ?? [];
  const name = key(random);
  const unusual = simple ? 1 : random();
  if (unusual < 0.1) return [...field(2, value), ...field(1, name)];
  if (unusual < 0.2) return [...field(1, 'first'), ...field(2, value), ...field(1, name)];
  if (unusual < 0.3) return field(2, value);
  return keyValue(name, value);
}

/** Lists of up to a dozen attributes, sometimes of more than are compared in the scan. */
function attributes(random: Random, number: number): number[][] {
  const most = random() < 0.05 ? 120 : 12;
  return times(random, most, () => field(number, attribute(random, most > 12)));
}

function span(random: Random): number[] {
  const event = (): number[] => field(11, shuffled(random, [field(2, 'event'), ...attributes(random, 3)]));
  const link = (): number[] => field(13, shuffled(random, [field(1, TRACE_ID), ...attributes(random, 4)]));
  return shuffled(random, [
    field(1, TRACE_ID),
    field(2, SPAN_ID),
    fixed64Field(7, 1_000_000n),
    ...attributes(random, 9),
    ...times(random, 2, event),
    ...times(random, 2, link),
  ]);
}

function logRecord(random: Random): number[] {
  return shuffled(random, [fixed64Field(1, 1_000_000n), field(5, field(1, 'line')), ...attributes(random, 6)]);
}

function metric(random: Random): number[] {
  const exemplar = (): number[] => field(5, shuffled(random, [doubleField(3, 1), ...attributes(random, 7)]));
  const point = (): number[] =>
    field(1, shuffled(random, [fixed64Field(3, 1_000_000n), doubleField(4, 2), exemplar(), ...attributes(random, 7)]));
  return shuffled(random, [field(1, 'metric'), field(5, shuffled(random, times(random, 3, point)))]);
}

const ITEMS: Readonly<Record<Signal, (random: Random) => number[]>> = {
  traces: span,
  metrics: metric,
  logs: logRecord,
};

/** A valid request with resources, scopes and items in any order, whose attribute lists have keys twice. */
export function randomRequest(random: Random, signal: Signal): Buffer {
  const scope = (): number[] => {
    const own = field(1, shuffled(random, [field(1, 'scope'), ...attributes(random, 3)]));
    return field(2, shuffled(random, [own, ...times(random, 3, () => field(2, ITEMS[signal](random)))]));
  };
  const resource = (): number[] =>
    field(1, shuffled(random, [field(1, shuffled(random, attributes(random, 1))), ...times(random, 3, scope)]));
  return Buffer.from(shuffled(random, times(random, 3, resource)));
}
