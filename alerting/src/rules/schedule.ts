/**
 * The timestamps at which a group is evaluated: every interval, shifted by a phase that depends on nothing but its key, so
 * that groups spread and each keeps its times across restarts. Source: Prometheus, rule groups.
 */
export interface Schedule {
  readonly intervalMs: number;
  readonly phaseMs: number;
}

export function createSchedule(key: string, intervalMs: number): Schedule {
  return { intervalMs, phaseMs: hash(key) % intervalMs };
}

/** The latest scheduled timestamp that is not after `nowMs`. */
export function slotAt({ intervalMs, phaseMs }: Schedule, nowMs: number): number {
  return Math.floor((nowMs - phaseMs) / intervalMs) * intervalMs + phaseMs;
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let sum = 0x811c9dc5;
  for (const byte of Buffer.from(text)) sum = Math.imul(sum ^ byte, 0x01000193) >>> 0;
  return sum;
}
