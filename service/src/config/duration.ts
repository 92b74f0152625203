const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000, y: 31_536_000_000 } as const;
const SHAPE = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;
const ORDER = ['y', 'w', 'd', 'h', 'm', 's', 'ms'] as const;

/** What Go's durations hold (int64 nanoseconds): 292 years. Source: Prometheus, `model.ParseDuration`, "duration out of range". */
const MAX_MS = 2 ** 63 / 1e6;

/**
 * Reads a duration as Prometheus writes it (`10s`, `1h30m`, `500ms`, `0`): units in falling order, each once.
 * Source: Prometheus documentation, "Configuration", `<duration>`.
 * @returns milliseconds, or `undefined` where the text is not a duration, or one of more than 292 years
 */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0;
  const match = SHAPE.exec(text);
  if (text === '' || !match) return undefined;
  const durationMs = ORDER.reduce((sum, unit, index) => sum + Number(match[index + 1] ?? 0) * UNIT_MS[unit], 0);
  return durationMs <= MAX_MS ? durationMs : undefined;
}

/** Writes milliseconds in Prometheus's form, exactly: 5400000 → `1h30m`. Fractions of a millisecond are rounded. */
export function formatDuration(durationMs: number): string {
  let rest = Math.round(durationMs);
  if (rest === 0) return '0s';
  const sign = rest < 0 ? '-' : '';
  rest = Math.abs(rest);
  const parts: string[] = [];
  for (const unit of ['d', 'h', 'm', 's', 'ms'] as const) {
    const count = Math.floor(rest / UNIT_MS[unit]);
    rest -= count * UNIT_MS[unit];
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return sign + parts.join('');
}
