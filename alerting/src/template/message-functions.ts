import { isList, printValue, type Value } from './format.ts';
import { demandRoom } from './limits.ts';
import { Moment, wantTime } from './moment.ts';
import { TimeSpan } from './time-span.ts';
import { TemplateError } from '@tocsin/service/template';
import type { FunctionContext, TemplateFunction } from './functions.ts';

/** The longest text that `toJson` and the like make of nested values. */
const MAX_DEPTH = 20;

/**
 * Functions of messages that rules do not have. Source: Alertmanager documentation, "Notification template reference", Functions.
 */
export const MESSAGE_FUNCTIONS = {
  trimSpace: ([text]) => wantText('trimSpace', text).trim(),
  join: ([separator, list]) => {
    const [between, texts] = [wantText('join', separator), wantList('join', list).map(printValue)];
    demandRoom(texts.reduce((sum, text) => sum + text.length + between.length, 0));
    return texts.join(between);
  },
  stringSlice: (values) => values.map((value) => wantText('stringSlice', value)),
  list: (values) => [...values],
  append: ([list, ...more]) => [...wantList('append', list), ...more],
  dict: (values) => {
    if (values.length % 2 !== 0) throw new TemplateError('dict: expected pairs of key and value');
    const pairs = values.flatMap((key, at): [string, Value][] =>
      at % 2 === 0 ? [[wantText('dict', key), values[at + 1]]] : [],
    );
    return new Map(pairs);
  },
  safeUrl: ([text]) => wantText('safeUrl', text),
  urlUnescape: ([text]) => {
    try {
      return decodeURIComponent(wantText('urlUnescape', text).replaceAll('+', ' '));
    } catch (error) {
      if (error instanceof URIError) throw new TemplateError('urlUnescape: invalid escape', { cause: error });
      throw error;
    }
  },
  toJson: ([value]) => JSON.stringify(toPlain(value, 0)),
  date: ([layout, time]) => wantTime('date', time).format(wantText('date', layout)),
  tz: ([zone, time]) => {
    const name = wantText('tz', zone);
    try {
      new Intl.DateTimeFormat('en', { timeZone: name });
    } catch (error) {
      if (error instanceof RangeError) throw new TemplateError(`unknown time zone ${name}`, { cause: error });
      throw error;
    }
    return new Moment(wantTime('tz', time).unixMs, name);
  },
  since: ([time], { nowMs }: FunctionContext) => {
    const seconds = Math.max(0, Math.floor((nowMs - wantTime('since', time).unixMs) / 1_000));
    const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60)];
    return `${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${seconds % 60}s`;
  },
} satisfies Readonly<Record<string, TemplateFunction>>;

function wantText(name: string, value: Value): string {
  if (typeof value !== 'string') throw new TemplateError(`${name}: expected string`);
  return value;
}

function wantList(name: string, value: Value): readonly Value[] {
  if (value === undefined || !isList(value)) throw new TemplateError(`${name}: expected slice`);
  return value;
}

function toPlain(value: Value, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new TemplateError('toJson: too deep');
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Moment) return new Date(value.unixMs).toISOString();
  if (value instanceof TimeSpan) return value.ms * 1e6;
  if (value === undefined || typeof value !== 'object') return value ?? null;
  if (isList(value)) return value.map((entry) => toPlain(entry, depth + 1));
  const entries = [...value].map(([key, inner]) => [key, toPlain(inner, depth + 1)] as const);
  return Object.fromEntries(entries);
}
