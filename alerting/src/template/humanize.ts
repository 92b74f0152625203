import { formatG } from './format.ts';
import { Moment } from './moment.ts';

const LARGE = ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];
const LARGE_BINARY = ['ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei', 'Zi', 'Yi'];
const SMALL = ['m', 'u', 'n', 'p', 'f', 'a', 'z', 'y'];

/** Four significant digits with a metric prefix. Source (all of this file): Prometheus documentation, "Template reference", Numbers. */
export function humanize(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return formatG(value, 4);
  return Math.abs(value) >= 1 ? enlarge(value, 1_000, LARGE) : reduce(value);
}

/** Like `humanize` with 1024 as the base; numbers up to 1 have no prefix. */
export function humanize1024(value: number): string {
  if (Math.abs(value) <= 1 || !Number.isFinite(value)) return formatG(value, 4);
  return enlarge(value, 1_024, LARGE_BINARY);
}

/** Seconds as `1d 2h 3m 4s`; below a minute with four digits, below a second with a metric prefix. */
export function humanizeDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return formatG(seconds, 4);
  if (seconds !== 0 && Math.abs(seconds) < 1) return `${reduce(seconds)}s`;
  const sign = seconds < 0 ? '-' : '';
  const whole = Math.trunc(Math.abs(seconds));
  const [days, hours, minutes] = [
    Math.trunc(whole / 86_400),
    Math.trunc(whole / 3_600) % 24,
    Math.trunc(whole / 60) % 60,
  ];
  if (days > 0) return `${sign}${days}d ${hours}h ${minutes}m ${whole % 60}s`;
  if (hours > 0) return `${sign}${hours}h ${minutes}m ${whole % 60}s`;
  if (minutes > 0) return `${sign}${minutes}m ${whole % 60}s`;
  return `${sign}${formatG(Math.abs(seconds), 4)}s`;
}

/** A ratio as a percentage with four significant digits. */
export function humanizePercentage(ratio: number): string {
  return `${formatG(ratio * 100, 4)}%`;
}

/** Unix seconds as `2015-06-23 13:19:44.128 +0000 UTC`. */
export function humanizeTimestamp(seconds: number): string {
  if (!Number.isFinite(seconds)) return formatG(seconds, 4);
  return new Moment(seconds * 1_000).toString();
}

function enlarge(value: number, base: number, prefixes: readonly string[]): string {
  let rest = value;
  let used = '';
  for (const prefix of prefixes) {
    if (Math.abs(rest) < base) break;
    used = prefix;
    rest /= base;
  }
  return formatG(rest, 4) + used;
}

function reduce(value: number): string {
  let rest = value;
  let used = '';
  for (const prefix of SMALL) {
    if (Math.abs(rest) >= 1) break;
    used = prefix;
    rest *= 1_000;
  }
  return formatG(rest, 4) + used;
}
