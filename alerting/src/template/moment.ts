import { TemplateError } from '@tocsin/service/template';
import { TimeSpan } from './time-span.ts';

const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
/** Go's reference time, piece by piece; the longer of two that begin alike comes first. */
const LAYOUT =
  /January|Jan|Monday|Mon|MST|2006|01|02|03|04|05|06|002|15|PM|pm|-0700|-07:00|-07|Z0700|Z07:00|_2|[.,](?:0+|9+)(?!\d)|1|2|3|4|5/g;

/** The year 1: what a time that is not there is in Go. */
const ZERO_MS = -62_135_596_800_000;

/** A moment in a zone, as templates have it (`toTime`, `.StartsAt`). Source: Go, package time, type Time. */
export class Moment {
  readonly unixMs: number;
  readonly #at: Temporal.ZonedDateTime;

  /** @throws TemplateError beyond the years that can be shown */
  constructor(unixMs: number, timeZone = 'UTC') {
    this.unixMs = Math.trunc(unixMs);
    if (Number.isNaN(new Date(unixMs).getTime())) throw new TemplateError(`${unixMs / 1_000} is not a time`);
    this.#at = Temporal.Instant.fromEpochMilliseconds(this.unixMs).toZonedDateTimeISO(timeZone);
  }

  /** A time of an alert; absent is Go's zero time. */
  static of(unixMs: number | undefined): Moment {
    return new Moment(unixMs ?? ZERO_MS);
  }

  toString(): string {
    return this.format('2006-01-02 15:04:05.999999999 -0700 MST');
  }

  /** One of Go's methods without arguments; whole numbers are `bigint`. `undefined` where there is none of this name. */
  get(method: string): string | bigint | boolean | Moment | undefined {
    const at = this.#at;
    switch (method) {
      case 'UTC':
      case 'Local':
        return new Moment(this.unixMs);
      case 'String':
        return this.toString();
      case 'IsZero':
        return this.unixMs === ZERO_MS;
      case 'Unix':
        return BigInt(Math.floor(this.unixMs / 1_000));
      case 'UnixMilli':
        return BigInt(this.unixMs);
      case 'Year':
        return BigInt(at.year);
      case 'Month':
        return MONTHS[at.month - 1];
      case 'Day':
        return BigInt(at.day);
      case 'Weekday':
        return DAYS[at.dayOfWeek % 7];
      case 'YearDay':
        return BigInt(at.dayOfYear);
      case 'Hour':
        return BigInt(at.hour);
      case 'Minute':
        return BigInt(at.minute);
      case 'Second':
        return BigInt(at.second);
      default:
        return undefined;
    }
  }

  /** One of Go's methods with an argument; a length of time is given in nanoseconds, as `1h` is `3600e9`. `undefined` where there is none of this name. */
  call(method: string, values: readonly unknown[]): string | boolean | Moment | TimeSpan | undefined {
    const [value] = values;
    if (values.length !== 1) return undefined;
    if (method === 'Format' && typeof value === 'string') return this.format(value);
    if (method === 'Add') {
      if (value instanceof TimeSpan) return this.#moved(value.ms);
      return typeof value === 'number' || typeof value === 'bigint' ? this.#moved(Number(value) / 1e6) : undefined;
    }
    if (!(value instanceof Moment)) return undefined;
    if (method === 'Sub') return new TimeSpan(this.unixMs - value.unixMs);
    if (method === 'Before') return this.unixMs < value.unixMs;
    if (method === 'After') return this.unixMs > value.unixMs;
    return method === 'Equal' ? this.unixMs === value.unixMs : undefined;
  }

  #moved(ms: number): Moment {
    return new Moment(this.unixMs + ms, this.#at.timeZoneId);
  }

  /** The moment in the form of a layout that shows Go's reference time, as `2006-01-02 15:04`. Source: Go, package time, Time.Format. */
  format(layout: string): string {
    return layout.replace(LAYOUT, (piece) => this.#piece(piece));
  }

  #piece(piece: string): string {
    const at = this.#at;
    const two = (number: number): string => String(number).padStart(2, '0');
    const hour = at.hour % 12 || 12;
    const month = MONTHS[at.month - 1] ?? '';
    const day = DAYS[at.dayOfWeek % 7] ?? '';
    const { offset } = at;
    const isUtc = offset === '+00:00';
    const fraction = String(at.millisecond)
      .padStart(3, '0')
      .padEnd(9, '0')
      .slice(0, piece.length - 1);
    if (/^[.,]0/.test(piece)) return piece.slice(0, 1) + fraction;
    if (/^[.,]9/.test(piece)) return `${piece.slice(0, 1)}${fraction.replace(/0+$/, '')}`.replace(/^[.,]$/, '');
    const texts: Readonly<Record<string, string>> = {
      January: month,
      Jan: month.slice(0, 3),
      Monday: day,
      Mon: day.slice(0, 3),
      MST: this.#zoneName(),
      '2006': String(at.year).padStart(4, '0'),
      '06': two(at.year % 100),
      '01': two(at.month),
      '1': String(at.month),
      '02': two(at.day),
      _2: String(at.day).padStart(2),
      '2': String(at.day),
      '002': String(at.dayOfYear).padStart(3, '0'),
      '15': two(at.hour),
      '03': two(hour),
      '3': String(hour),
      '04': two(at.minute),
      '4': String(at.minute),
      '05': two(at.second),
      '5': String(at.second),
      PM: at.hour < 12 ? 'AM' : 'PM',
      pm: at.hour < 12 ? 'am' : 'pm',
      '-0700': offset.replace(':', ''),
      '-07:00': offset,
      '-07': offset.slice(0, 3),
      Z0700: isUtc ? 'Z' : offset.replace(':', ''),
      'Z07:00': isUtc ? 'Z' : offset,
    };
    return texts[piece] ?? piece;
  }

  #zoneName(): string {
    const { timeZoneId: timeZone } = this.#at;
    if (timeZone === 'UTC') return 'UTC';
    const parts = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'short' }).formatToParts(this.unixMs);
    return parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
  }
}

/** The value as a time. @throws TemplateError where it is none */
export function wantTime(name: string, value: unknown): Moment {
  if (value instanceof Moment) return value;
  throw new TemplateError(`${name}: expected time`);
}
