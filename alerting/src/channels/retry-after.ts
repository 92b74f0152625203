/**
 * Reads the header `Retry-After`: seconds, or an HTTP date. Source: RFC 9110, 10.2.3.
 * @returns milliseconds from `nowMs`, or `undefined` where there is no such header or it says nothing
 */
export function readRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d+(\.\d+)?\s*$/.test(header)) return Math.ceil(Number(header) * 1_000);
  const dateMs = Date.parse(header);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}
