import { formatDurationMs } from '../../../src/html/format.ts';

const TIMES_MS: Readonly<Record<string, number>> = { s: 1_000, ms: 1, us: 1e-3, ns: 1e-6, min: 60_000, h: 3_600_000 };
const BYTES = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const LARGE = ['', 'k', 'M', 'G', 'T', 'P'];

/** A value with its unit (UCUM, as OpenTelemetry writes it): `1.32 s`, `100 MiB`, `12.4`, `3.2 /s`. Braces are notes and not written. Pure. */
export function formatWithUnit(value: number, unit: string, isRate = false): string {
  if (!Number.isFinite(value)) return '–';
  const sign = value < 0 ? '−' : '';
  const size = Math.abs(value);
  const per = isRate ? '/s' : '';
  const timeMs = TIMES_MS[unit];
  // What counts seconds, by the second, is a share of one.
  if (timeMs !== undefined && !isRate) return size === 0 ? '0 s' : `${sign}${formatDurationMs(size * timeMs)}`;
  if (unit === 'By') return `${sign}${scaled(size, 1_024, BYTES)}${per}`;
  if (unit === '%') return `${sign}${trimmed(size)} %${per}`;
  const plain = unit === '1' || /^(?:\{.*\})?$/.test(unit) ? '' : unit;
  return `${sign}${scaled(size, 1_000, LARGE)}${plain === '' ? '' : ` ${plain}`}${per === '' ? '' : ` ${per}`}`;
}

function scaled(size: number, base: number, names: readonly string[]): string {
  let power = 0;
  let rest = size;
  for (; rest >= base && power < names.length - 1; power++) rest /= base;
  const name = names[power] ?? '';
  return name === '' ? trimmed(rest) : `${trimmed(rest)} ${name}`;
}

function trimmed(size: number): string {
  if (size !== 0 && size < 0.001) return size.toExponential(1);
  return String(Number(size.toPrecision(3)));
}
