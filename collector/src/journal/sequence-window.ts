/**
 * Which numbers of a producer have been stored: the highest, and exactly which of the 64 that end with it. A producer has at most so many
 * requests of a signal under way, so what lies before the window was settled long ago. The same as the replay window of
 * IPsec (RFC 4303, section 3.4.3), for the same reason: what is sent side by side may arrive in another order.
 */
export interface SequenceWindow {
  readonly last: number;
  /** Bit n stands for `last - n`. */
  readonly stored: bigint;
}

/** How many numbers are known one by one. */
export const WINDOW = 64;

/** What is known of a number. `passed`: it lies before the window. */
export type SequenceState = 'new' | 'stored' | 'passed';

/** Looks a number up. */
export function judgeSequence(window: SequenceWindow | undefined, sequence: number): SequenceState {
  if (!window || sequence > window.last) return 'new';
  const back = window.last - sequence;
  if (back >= WINDOW) return 'passed';
  return ((window.stored >> BigInt(back)) & 1n) === 1n ? 'stored' : 'new';
}

/** The window after a number has been stored. */
export function addSequence(window: SequenceWindow | undefined, sequence: number): SequenceWindow {
  if (!window) return { last: sequence, stored: 1n };
  const ahead = sequence - window.last;
  if (ahead >= WINDOW) return { last: sequence, stored: 1n };
  if (ahead > 0) return { last: sequence, stored: BigInt.asUintN(WINDOW, window.stored << BigInt(ahead)) | 1n };
  if (-ahead >= WINDOW) return window;
  return { last: window.last, stored: window.stored | (1n << BigInt(-ahead)) };
}
