import { TemplateError } from '@tocsin/service/template';

const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
/** Go's reference time, piece by piece; the longer of two that begin alike comes first. */
const LAYOUT =
  /January|Jan|Monday|Mon|MST|2006|01|02|03|04|05|06|002|15|PM|pm|-0700|-07:00|-07|Z0700|Z07:00|_2|[.,](?:0+|9+)(?!\d)|1|2|3|4|5/g;

/** A moment as templates have it (`toTime`), in UTC. Source: Go, package time, type Time. */
export class Moment {
  readonly #time: Date;

  /** @throws TemplateError beyond the years that can be shown */
  constructor(unixMs: number) {
    this.#time = new Date(Math.trunc(unixMs));
    if (Number.isNaN(this.#time.getTime())) throw new TemplateError(`${unixMs / 1_000} is not a time`);
  }

  toString(): string {
    const [day = '', clock = ''] = this.#time.toISOString().split('T');
    return `${day} ${clock.replace(/\.?0*Z$/, '')} +0000 UTC`;
  }

  /** One of Go's methods without arguments; whole numbers are `bigint`. `undefined` where there is none of this name. */
  get(method: string): string | bigint | Moment | undefined {
    const time = this.#time;
    switch (method) {
      case 'UTC':
        return this;
      case 'String':
        return this.toString();
      case 'Unix':
        return BigInt(Math.floor(time.getTime() / 1_000));
      case 'UnixMilli':
        return BigInt(time.getTime());
      case 'Year':
        return BigInt(time.getUTCFullYear());
      case 'Month':
        return MONTHS[time.getUTCMonth()];
      case 'Day':
        return BigInt(time.getUTCDate());
      case 'Weekday':
        return DAYS[time.getUTCDay()];
      case 'YearDay':
        return BigInt(this.#yearDay());
      case 'Hour':
        return BigInt(time.getUTCHours());
      case 'Minute':
        return BigInt(time.getUTCMinutes());
      case 'Second':
        return BigInt(time.getUTCSeconds());
      default:
        return undefined;
    }
  }

  /** The moment in the form of a layout that shows Go's reference time, as `2006-01-02 15:04`. Source: Go, package time, Time.Format. */
  format(layout: string): string {
    return layout.replace(LAYOUT, (piece) => this.#piece(piece));
  }

  #piece(piece: string): string {
    const time = this.#time;
    const two = (number: number): string => String(number).padStart(2, '0');
    const hour = time.getUTCHours() % 12 || 12;
    const month = MONTHS[time.getUTCMonth()] ?? '';
    const day = DAYS[time.getUTCDay()] ?? '';
    const fraction = String(time.getUTCMilliseconds())
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
      MST: 'UTC',
      '2006': String(time.getUTCFullYear()).padStart(4, '0'),
      '06': two(time.getUTCFullYear() % 100),
      '01': two(time.getUTCMonth() + 1),
      '1': String(time.getUTCMonth() + 1),
      '02': two(time.getUTCDate()),
      _2: String(time.getUTCDate()).padStart(2),
      '2': String(time.getUTCDate()),
      '002': String(this.#yearDay()).padStart(3, '0'),
      '15': two(time.getUTCHours()),
      '03': two(hour),
      '3': String(hour),
      '04': two(time.getUTCMinutes()),
      '4': String(time.getUTCMinutes()),
      '05': two(time.getUTCSeconds()),
      '5': String(time.getUTCSeconds()),
      PM: time.getUTCHours() < 12 ? 'AM' : 'PM',
      pm: time.getUTCHours() < 12 ? 'am' : 'pm',
      '-0700': '+0000',
      '-07:00': '+00:00',
      '-07': '+00',
      Z0700: 'Z',
      'Z07:00': 'Z',
    };
    return texts[piece] ?? piece;
  }

  #yearDay(): number {
    const time = this.#time;
    return (
      (Date.UTC(time.getUTCFullYear(), time.getUTCMonth(), time.getUTCDate()) - Date.UTC(time.getUTCFullYear(), 0)) /
        86_400_000 +
      1
    );
  }
}
