import { Moment } from './moment.ts';
import { TimeSpan } from './time-span.ts';

/** What a template computes with. `bigint` is Go's int, `number` its float64. */
export type Value =
  string | number | bigint | boolean | undefined | Moment | TimeSpan | ReadonlyMap<string, Value> | readonly Value[];

/** The type's name as Go would print it. */
export function typeName(value: Value): string {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'number') return 'float64';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'boolean') return 'bool';
  if (value === undefined) return '<nil>';
  if (value instanceof Moment) return 'time.Time';
  if (value instanceof TimeSpan) return 'time.Duration';
  return isList(value) ? 'slice' : 'map[string]string';
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function isMap(value: Value): value is ReadonlyMap<string, Value> {
  return value instanceof Map;
}

/** Prints a value as Go's `%v` does. */
export function printValue(value: Value): string {
  if (value === undefined) return '<no value>';
  if (typeof value === 'number') return formatG(value, undefined);
  if (isList(value)) return `[${value.map(printValue).join(' ')}]`;
  if (isMap(value))
    return `map[${[...value]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => `${key}:${printValue(inner)}`)
      .join(' ')}]`;
  return value.toString();
}

/**
 * Go's `%g`: `precision` significant digits, or as few as tell the number apart. An exponent is written below 1e-4 and from as
 * many digits on as the precision has (six for the shortest form: 1e+06). Source: Go, strconv.FormatFloat.
 */
export function formatG(value: number, precision: number | undefined): string {
  if (!Number.isFinite(value)) return infinite(value);
  const digits = precision === undefined ? undefined : Math.min(Math.max(precision, 1), 100);
  const [mantissa = '', power = '0'] = value.toExponential(digits === undefined ? undefined : digits - 1).split('e');
  const trimmed = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  const exponent = Number(power);
  const sign = Object.is(value, -0) ? '-' : '';
  if (value !== 0 && (exponent < -4 || exponent >= (digits ?? 6))) return trimmed + exponentSuffix(exponent);
  if (digits === undefined) return sign + String(value);
  const decimals = trimmed.replace(/[-.]/g, '').length - 1 - exponent;
  return sign + value.toFixed(Math.min(Math.max(decimals, 0), 100));
}

/** Go's `%e`: one digit, `decimals` behind the point, an exponent of at least two digits. */
export function formatE(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return infinite(value);
  const [mantissa = '', power = '0'] = value.toExponential(Math.min(decimals, 100)).split('e');
  return mantissa + exponentSuffix(Number(power));
}

/** Go's `%f`. */
export function formatF(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return infinite(value);
  if (Math.abs(value) < 1e21) return value.toFixed(Math.min(decimals, 100));
  const whole = BigInt(value).toString();
  return decimals > 0 ? `${whole}.${'0'.repeat(Math.min(decimals, 100))}` : whole;
}

function exponentSuffix(exponent: number): string {
  return `e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

function infinite(value: number): string {
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}
