import type { Value } from './format.ts';
import { TemplateError } from '@tocsin/service/template';

/** The year 1: what a time that is not there prints as in Go. */
const ZERO_MS = -62_135_596_800_000;

/** A moment in a zone, as Go's time.Time. */
export class GoTime extends Map<string, Value> {
  readonly timeMs: number;
  readonly zone: string;

  constructor(timeMs: number, zone: string) {
    super();
    this.timeMs = timeMs;
    this.zone = zone;
  }

  override get(name: string): Value {
    if (name === 'UTC' || name === 'Local') return new GoTime(this.timeMs, 'UTC');
    if (name === 'Unix') return BigInt(Math.floor(this.timeMs / 1_000));
    if (name === 'UnixMilli') return BigInt(this.timeMs);
    if (name === 'IsZero') return this.timeMs === ZERO_MS;
    if (name === 'String') return this.toString();
    return undefined;
  }

  override toString(): string {
    return formatGoTime(this, '2006-01-02 15:04:05.999999999 -0700 MST');
  }
}

/** A time of an alert in UTC; absent is Go's zero time. */
export function createTime(timeMs: number | undefined): GoTime {
  return new GoTime(timeMs ?? ZERO_MS, 'UTC');
}

/** The value as a time. @throws TemplateError where it is none */
export function wantTime(name: string, value: Value): GoTime {
  if (value instanceof GoTime) return value;
  throw new TemplateError(`${name}: expected time`);
}

const PIECES =
  /January|Jan|Monday|Mon|MST|2006|-07:00|-0700|-07|Z07:00|Z0700|[.,]0+|[.,]9+|01|02|03|04|05|06|_2|15|PM|pm|1|2|3|4|5/g;

/** Writes a time by a layout of Go. Source: Go, package time, Layout. */
export function formatGoTime({ timeMs, zone }: GoTime, layout: string): string {
  const part = (options: Intl.DateTimeFormatOptions, type: Intl.DateTimeFormatPartTypes): string =>
    new Intl.DateTimeFormat('en-US', { timeZone: zone, calendar: 'iso8601', hourCycle: 'h23', ...options })
      .formatToParts(timeMs)
      .find((entry) => entry.type === type)?.value ?? '';
  const two = (value: string | number): string => String(value).padStart(2, '0');
  const hour = Number(part({ hour: 'numeric' }, 'hour'));
  const twelve = hour % 12 === 0 ? 12 : hour % 12;
  const day = part({ day: 'numeric' }, 'day');
  const month = part({ month: 'numeric' }, 'month');
  const minute = Number(part({ minute: 'numeric' }, 'minute'));
  const second = Number(part({ second: 'numeric' }, 'second'));
  const offset = offsetOf(part({ timeZoneName: 'longOffset' }, 'timeZoneName'));
  const pieces: Readonly<Record<string, () => string>> = {
    January: () => part({ month: 'long' }, 'month'),
    Jan: () => part({ month: 'short' }, 'month'),
    Monday: () => part({ weekday: 'long' }, 'weekday'),
    Mon: () => part({ weekday: 'short' }, 'weekday'),
    MST: () => (zone === 'UTC' ? 'UTC' : part({ timeZoneName: 'short' }, 'timeZoneName')),
    '2006': () => part({ year: 'numeric' }, 'year').padStart(4, '0'),
    '06': () => part({ year: '2-digit' }, 'year'),
    '01': () => two(month),
    '1': () => month,
    '02': () => two(day),
    '2': () => day,
    _2: () => day.padStart(2, ' '),
    '15': () => two(hour),
    '03': () => two(twelve),
    '3': () => String(twelve),
    '04': () => two(minute),
    '4': () => String(minute),
    '05': () => two(second),
    '5': () => String(second),
    PM: () => (hour < 12 ? 'AM' : 'PM'),
    pm: () => (hour < 12 ? 'am' : 'pm'),
    '-0700': () => offset.replace(':', ''),
    '-07:00': () => offset,
    '-07': () => offset.slice(0, 3),
    'Z07:00': () => (offset === '+00:00' ? 'Z' : offset),
    Z0700: () => (offset === '+00:00' ? 'Z' : offset.replace(':', '')),
  };
  return layout.replace(PIECES, (piece) => pieces[piece]?.() ?? fraction(piece, timeMs));
}

function offsetOf(name: string): string {
  const [, hours, minutes = '00'] = /([+-]\d{2})(?::?(\d{2}))?/.exec(name) ?? [];
  return hours === undefined ? '+00:00' : `${hours}:${minutes}`;
}

/** `.000` writes so many digits; `.999` as many as are not zero. */
function fraction(piece: string, timeMs: number): string {
  const digits = `${String(((timeMs % 1_000) + 1_000) % 1_000).padStart(3, '0')}000000`.slice(0, piece.length - 1);
  if (piece[1] === '0') return piece.slice(0, 1) + digits;
  const short = digits.replace(/0+$/, '');
  return short === '' ? '' : piece.slice(0, 1) + short;
}
