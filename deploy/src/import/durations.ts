import { formatDuration, parseDuration } from '@tocsin/service/config';

/** Go's durations (`1m0.5s`, `300ms`, `1h`), which are Prometheus's but for fractions. @returns milliseconds */
export function parseGoDuration(text: string): number | undefined {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d|w|y)/g)];
  if (parts.map(([whole]) => whole).join('') !== text || parts.length === 0) return parseDuration(text);
  const units: Readonly<Record<string, number>> = {
    ns: 1e-6, us: 1e-3, 'µs': 1e-3, ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000, y: 31_536_000_000,
  }; // prettier-ignore
  return Math.round(parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ''] ?? 0), 0));
}

/** Our form of so many milliseconds. */
export function writeDuration(ms: number): string {
  return formatDuration(Math.max(1, Math.round(ms)));
}

/**
 * So many failures in a row, this far apart, make a monitor down. All three times are written out: together they have to fit.
 */
export function writeConfirm(
  failures: number,
  retryAfterMs: number,
  timeoutMs: number,
): Record<string, string | number> {
  const count = Math.min(100, Math.max(1, Math.round(failures)));
  const withinMs = Math.max(30_000, count * (retryAfterMs + timeoutMs));
  return { failures: count, retry_after: writeDuration(retryAfterMs), within: writeDuration(withinMs) };
}
