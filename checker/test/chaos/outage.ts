/**
 * How long what is taken away stays away: `TOCSIN_CHAOS_OUTAGE_S`, seconds; without it as short as the test can be.
 * @throws Error when it is not a number of at least 1
 */
export function outageMs(shortestS: number): number {
  const text = process.env['TOCSIN_CHAOS_OUTAGE_S'];
  if (text === undefined || text === '') return shortestS * 1_000;
  const seconds = Number(text);
  if (!(seconds >= 1)) throw new Error(`TOCSIN_CHAOS_OUTAGE_S is a number of seconds of at least 1, not ${text}`);
  return Math.max(shortestS, seconds) * 1_000;
}

/** What a chaos test found, in a line that the run shows: the figures of bench/RESULTS.md come from here. */
export function tell(line: string): void {
  process.stderr.write(`chaos: ${line}\n`);
}
