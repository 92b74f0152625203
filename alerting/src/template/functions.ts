import { parseDuration } from '@tocsin/service/config';
import { TemplateError, type TemplateFunctionName } from '@tocsin/service/template';
import { isList, isMap, printValue, typeName, type Value } from './format.ts';
import { humanize, humanize1024, humanizeDuration, humanizePercentage, humanizeTimestamp } from './humanize.ts';
import { MESSAGE_FUNCTIONS } from './message-functions.ts';
import { Moment } from './moment.ts';
import { QUERY_FUNCTIONS } from './query-functions.ts';
import { matchesPattern, replacePattern } from './pattern.ts';
import { sprintf } from './printf.ts';
import { goDuration } from './time-span.ts';

/** What a function may know besides its arguments. */
export interface FunctionContext {
  readonly nowMs: number;
  readonly externalUrl: string;
  /** Asks about the moment of the evaluation. @throws TemplateError */
  readonly query?: ((source: string) => readonly QueriedSample[]) | undefined;
  /** The text of a template that nobody defines; `undefined` where there is none of the name. */
  readonly defaultText?: (name: string) => string | undefined;
  /** Makes what a value prints harmless where the text stands; what is made by `SAFE_FUNCTIONS` is already. */
  readonly escape?: (text: string) => string;
}

/** A row that a template has asked for. */
export interface QueriedSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A pipeline that ends with one of these prints what is safe: the author says so, or it is escaped within. */
export const SAFE_FUNCTIONS: ReadonlySet<string> = new Set(['safeHtml', 'html', 'tmpl']);

export type TemplateFunction = (values: readonly Value[], context: FunctionContext) => Value;

/**
 * The functions of templates: Prometheus's and Go's own. `and` and `or` are not here (they evaluate only as many
 * arguments as they need), nor `tmpl`, which runs templates. Each is given as many arguments as `TEMPLATE_FUNCTIONS` says.
 */
export const FUNCTIONS: Readonly<Record<Exclude<TemplateFunctionName, 'and' | 'or' | 'tmpl'>, TemplateFunction>> = {
  ...MESSAGE_FUNCTIONS,
  ...QUERY_FUNCTIONS,
  humanize: numeric('humanize', humanize),
  humanize1024: numeric('humanize1024', humanize1024),
  humanizeDuration: numeric('humanizeDuration', humanizeDuration),
  humanizePercentage: numeric('humanizePercentage', humanizePercentage),
  humanizeTimestamp: numeric('humanizeTimestamp', humanizeTimestamp),
  toTime: numeric('toTime', (seconds) => {
    if (!Number.isFinite(seconds)) throw new TemplateError(`toTime: ${printValue(seconds)} is not a time`);
    return new Moment(seconds * 1_000);
  }),
  toDuration: numeric('toDuration', (seconds) => {
    if (!Number.isFinite(seconds)) throw new TemplateError(`toDuration: ${printValue(seconds)} is not a duration`);
    return goDuration(seconds);
  }),
  now: (_, { nowMs }) => nowMs / 1_000,
  parseDuration: textual('parseDuration', (source) => {
    const isNegative = source.startsWith('-');
    const durationMs = parseDuration(isNegative ? source.slice(1) : source);
    if (durationMs === undefined) throw new TemplateError(`not a valid duration string: ${JSON.stringify(source)}`);
    return (isNegative ? -durationMs : durationMs) / 1_000;
  }),

  title: textual('title', (text) => text.replace(/(?<![\p{L}\p{N}_'])\p{L}/gu, (letter) => letter.toUpperCase())),
  toUpper: textual('toUpper', (text) => text.toUpperCase()),
  toLower: textual('toLower', (text) => text.toLowerCase()),
  stripPort: textual('stripPort', stripPort),
  stripDomain: textual('stripDomain', stripDomain),
  match: textual('match', matchesPattern),
  reReplaceAll: textual('reReplaceAll', replacePattern),
  urlQueryEscape: textual('urlQueryEscape', escapeQuery),
  safeHtml: textual('safeHtml', (text) => text),
  externalURL: (_, { externalUrl }) => externalUrl,
  pathPrefix: (_, { externalUrl }) => URL.parse(externalUrl)?.pathname.replace(/\/$/, '') ?? '',

  args: (values) => new Map(values.map((value, at) => [`arg${at}`, value])),

  not: (values) => !isTrue(values[0]),
  eq: (values) => {
    const [first, ...rest] = values;
    return rest.some((other) => compare('eq', first, other) === 0);
  },
  ne: (values) => compare('ne', values[0], values[1]) !== 0,
  lt: (values) => compare('lt', values[0], values[1]) < 0,
  le: (values) => compare('le', values[0], values[1]) <= 0,
  gt: (values) => compare('gt', values[0], values[1]) > 0,
  ge: (values) => compare('ge', values[0], values[1]) >= 0,
  len: (values) => lengthOf(values[0]),
  index: (values) => {
    const [target, ...keys] = values;
    return keys.reduce(indexOf, target);
  },
  slice: ([target, ...bounds]) => sliceOf(target, bounds),
  print: (values) => printRow(values),
  println: (values) => `${values.map(printValue).join(' ')}\n`,
  printf: (values) => {
    const [format, ...rest] = values;
    return sprintf(wantText('printf', format), rest);
  },
  html: (values) => printRow(values).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`),
  js: (values) => escapeScript(printRow(values)),
  urlquery: (values) => escapeQuery(printRow(values)),
};

/** What counts as true in `if`: not false, zero, empty or absent. Source: Go, package text/template, "if". */
export function isTrue(value: Value): boolean {
  if (isList(value)) return value.length > 0;
  if (isMap(value)) return value.size > 0;
  return typeof value === 'number' ? value !== 0 : Boolean(value);
}

function numeric(name: TemplateFunctionName, format: (value: number) => Value): TemplateFunction {
  return (values) => {
    const [value] = values;
    if (typeof value === 'number') return format(value);
    if (typeof value === 'bigint') return format(Number(value));
    const parsed = typeof value === 'string' && value.trim() === value && value !== '' ? Number(value) : Number.NaN;
    if (Number.isNaN(parsed) && value !== 'NaN')
      throw new TemplateError(`${name}: ${JSON.stringify(printValue(value))} is not a number`);
    return format(parsed);
  };
}

function textual(name: TemplateFunctionName, work: (...texts: [string, string, string]) => Value): TemplateFunction {
  return (values) => {
    const [first = '', second = '', third = ''] = values.map((value) => wantText(name, value));
    return work(first, second, third);
  };
}

function wantText(name: string, value: Value): string {
  if (typeof value !== 'string') throw new TemplateError(`${name}: expected string; found ${typeName(value)}`);
  return value;
}

/** Below, equal or above zero; NaN is neither. Whole and decimal numbers compare, which Go refuses. */
function compare(name: string, a: Value, b: Value): number {
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  if (isNumber(a) && isNumber(b)) return Number(a) - Number(b);
  const sameKind = typeof a === 'boolean' && typeof b === 'boolean';
  if (sameKind && (name === 'eq' || name === 'ne')) return a === b ? 0 : 1;
  throw new TemplateError(`${name}: incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`);
}

function isNumber(value: Value): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function lengthOf(value: Value): bigint {
  if (typeof value === 'string') return BigInt(Buffer.byteLength(value));
  if (isList(value)) return BigInt(value.length);
  if (isMap(value)) return BigInt(value.size);
  throw new TemplateError(`len of type ${typeName(value)}`);
}

/** An absent key of a label set is the empty text, as everywhere in labels. */
function indexOf(target: Value, key: Value): Value {
  if (isList(target)) {
    const item = typeof key === 'bigint' && key >= 0n ? target.at(Number(key)) : undefined;
    if (item === undefined) throw new TemplateError(`index out of range: ${printValue(key)}`);
    return item;
  }
  if (isMap(target)) return target.get(wantText('index', key)) ?? '';
  throw new TemplateError(`can't index item of type ${typeName(target)}`);
}

/** Of a text the bytes, as in Go; a bound that is not whole or outside is an error. */
function sliceOf(target: Value, bounds: readonly Value[]): Value {
  if (typeof target !== 'string' && !isList(target))
    throw new TemplateError(`can't slice item of type ${typeName(target)}`);
  const whole = typeof target === 'string' ? Buffer.from(target) : target;
  const [start = 0n, end = BigInt(whole.length)] = bounds;
  if (bounds.length > 2) throw new TemplateError('cannot 3-index slice a string');
  if (typeof start !== 'bigint' || typeof end !== 'bigint' || start < 0n || end < start || end > BigInt(whole.length))
    throw new TemplateError(`slice index out of range: ${bounds.map(printValue).join(' ')}`);
  return isList(target)
    ? target.slice(Number(start), Number(end))
    : Buffer.from(target).subarray(Number(start), Number(end)).toString();
}

/** Source: Go, package text/template, JSEscapeString. */
function escapeScript(text: string): string {
  return text.replace(/[\\'"<>&=\p{Cc}]/gu, (char) => {
    if (char === '\\' || char === "'" || char === '"') return `\\${char}`;
    return `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
  });
}

/** Go puts a space between two values only where neither is text. */
function printRow(values: readonly Value[]): string {
  return values
    .map((value, at) => {
      const gap = at > 0 && typeof value !== 'string' && typeof values[at - 1] !== 'string';
      return (gap ? ' ' : '') + printValue(value);
    })
    .join('');
}

function stripPort(hostPort: string): string {
  return /^\[(.*)\]:[^:]*$/.exec(hostPort)?.[1] ?? /^([^:]*):[^:]*$/.exec(hostPort)?.[1] ?? hostPort;
}

function stripDomain(hostPort: string): string {
  const host = stripPort(hostPort);
  if (/^[\d.]+$/.test(host) || host.includes(':')) return hostPort;
  return host.replace(/\..*$/, '') + (host === hostPort ? '' : hostPort.slice(host.length));
}

function escapeQuery(text: string): string {
  return encodeURIComponent(text)
    .replace(/%20/g, '+')
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
