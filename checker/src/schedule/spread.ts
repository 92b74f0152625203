import { createHash } from 'node:crypto';

/** A number in [0, 1) that depends on the name alone: the same after every restart, even over many names. */
export function spreadFraction(name: string): number {
  return createHash('sha256').update(name).digest().readUIntBE(0, 6) / 2 ** 48;
}

/**
 * When a monitor with an interval runs first: within one interval from now, at its own phase of the time of day.
 * @returns milliseconds from now, 0 or more and less than the interval
 */
export function delayToPhaseMs(name: string, intervalMs: number, wallMs: number): number {
  const phaseMs = spreadFraction(name) * intervalMs;
  const delayMs = (phaseMs - wallMs) % intervalMs;
  return delayMs < 0 ? delayMs + intervalMs : delayMs;
}
