import type { HrTime } from '@opentelemetry/api';

/** Seconds and nanoseconds of a time of day in (fractional) milliseconds since the Unix epoch. */
export function toHrTime(unixMs: number): HrTime {
  const wholeMs = Math.floor(unixMs);
  const seconds = Math.floor(wholeMs / 1_000);
  const nanos = Math.round((wholeMs - seconds * 1_000 + (unixMs - wholeMs)) * 1e6);
  return nanos >= 1e9 ? [seconds + 1, nanos - 1e9] : [seconds, nanos];
}
