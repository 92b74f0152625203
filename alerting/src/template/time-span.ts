/** A length of time, as the difference of two moments is. Source: Go, package time, type Duration. */
export class TimeSpan {
  readonly ms: number;

  constructor(ms: number) {
    this.ms = ms;
  }

  toString(): string {
    return goDuration(this.ms / 1_000);
  }

  /** One of Go's methods without arguments; `undefined` where there is none of this name. */
  get(method: string): string | number | bigint | TimeSpan | undefined {
    switch (method) {
      case 'String':
        return this.toString();
      case 'Hours':
        return this.ms / 3_600_000;
      case 'Minutes':
        return this.ms / 60_000;
      case 'Seconds':
        return this.ms / 1_000;
      case 'Milliseconds':
        return BigInt(Math.trunc(this.ms));
      case 'Abs':
        return new TimeSpan(Math.abs(this.ms));
      default:
        return undefined;
    }
  }
}

/** Seconds as Go prints a duration: `1h30m0s`, `1.5s`, `200ms`. Source: Go, package time, Duration.String. */
export function goDuration(seconds: number): string {
  if (seconds === 0) return '0s';
  const sign = seconds < 0 ? '-' : '';
  const size = Math.abs(seconds);
  const short = (value: number, unit: string): string => `${sign}${Number(value.toFixed(9))}${unit}`;
  if (size < 1e-6) return short(size * 1e9, 'ns');
  if (size < 1e-3) return short(size * 1e6, 'µs');
  if (size < 1) return short(size * 1e3, 'ms');
  const minutes = Math.floor(size / 60);
  const rest = `${Number((size - minutes * 60).toFixed(9))}s`;
  if (minutes === 0) return sign + rest;
  return minutes < 60 ? `${sign}${minutes}m${rest}` : `${sign}${Math.floor(minutes / 60)}h${minutes % 60}m${rest}`;
}
