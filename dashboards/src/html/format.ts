const STEPS = [
  { unit: 'd', ms: 86_400_000 },
  { unit: 'h', ms: 3_600_000 },
  { unit: 'min', ms: 60_000 },
  { unit: 's', ms: 1_000 },
] as const;

/** A stretch of time in its largest fitting unit, rounded down: `42 s`, `5 min`, `3 h`, `2 d`. */
export function formatAge(ageMs: number): string {
  for (const { unit, ms } of STEPS) if (ageMs >= ms) return `${Math.floor(ageMs / ms)} ${unit}`;
  return '0 s';
}

/** How long ago, for a table: `12 s ago`. */
export function formatAgo(atMs: number, nowMs: number): string {
  return nowMs - atMs < 1_000 ? 'just now' : `${formatAge(nowMs - atMs)} ago`;
}

/** A measured duration with three significant digits: `830 µs`, `12.4 ms`, `1.32 s`. */
export function formatDurationMs(durationMs: number): string {
  if (durationMs < 1) return `${Math.round(durationMs * 1_000)} µs`;
  if (durationMs < 1_000) return `${trimmed(durationMs)} ms`;
  return durationMs < 60_000 ? `${trimmed(durationMs / 1_000)} s` : `${trimmed(durationMs / 60_000)} min`;
}

/** A rate per second: `0`, `0.12`, `3.4`, `120`. */
export function formatRate(perSecond: number): string {
  return perSecond === 0 ? '0' : perSecond < 0.01 ? '<0.01' : trimmed(perSecond);
}

/** A share of one as per cent; only a whole is `100 %` and only nothing is `0 %`. */
export function formatShare(share: number): string {
  if (share === 0 || share === 1) return `${share * 100} %`;
  const percent = share * 100;
  const rounded = percent >= 99 ? Math.floor(percent * 100) / 100 : Number(percent.toPrecision(2));
  return rounded < 0.01 ? '<0.01 %' : `${Math.min(rounded, 99.99)} %`;
}

/** `2026-11-22 19:42:10 UTC`. */
export function formatTime(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** A number with its noun: `1 span`, `3 spans`. */
export function formatCount(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function trimmed(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
