import type { REASONS } from './reasons-table.ts';

export type Reason = keyof typeof REASONS;
/** The target's doing: not what was expected of it. */
export type DownReason = { [R in Reason]: (typeof REASONS)[R]['outcome'] extends 'down' ? R : never }[Reason];
/** Trouble on our side, which says nothing about the target. */
export type UnknownReason = { [R in Reason]: (typeof REASONS)[R]['outcome'] extends 'unknown' ? R : never }[Reason];

/** `degraded`: it works, but an expectation with `severity: degraded` is not met. */
export const OUTCOMES = ['up', 'degraded', 'down', 'unknown'] as const;
export type Outcome = (typeof OUTCOMES)[number];
/** What it makes of the target when an expectation is not met. */
export type Severity = 'down' | 'degraded';

/** What a run came to. `message` is a sentence with what was expected and what was found, free of secrets. */
export type Verdict =
  | { readonly outcome: 'up'; readonly reason: 'ok'; readonly message: string }
  | { readonly outcome: Severity; readonly reason: DownReason; readonly message: string }
  | { readonly outcome: 'unknown'; readonly reason: UnknownReason; readonly message: string };

export function up(message: string): Verdict {
  return { outcome: 'up', reason: 'ok', message };
}

export function down(reason: DownReason, message: string): Verdict {
  return { outcome: 'down', reason, message };
}

/** An expectation that is not met: `down`, or `degraded` where its configuration says that this is all it means. */
export function unmet(severity: Severity, reason: DownReason, message: string): Verdict {
  return { outcome: severity, reason, message };
}

export function unknown(reason: UnknownReason, message: string): Verdict {
  return { outcome: 'unknown', reason, message };
}

const RANK: Readonly<Record<Outcome, number>> = { down: 0, unknown: 1, degraded: 2, up: 3 };

/** Of several verdicts on one run the worst, of equal ones the first: what is down hides what is merely slow. */
export function worstOf(first: Verdict, ...others: readonly Verdict[]): Verdict {
  return others.reduce((worst, other) => (RANK[other.outcome] < RANK[worst.outcome] ? other : worst), first);
}
