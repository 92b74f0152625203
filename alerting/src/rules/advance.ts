import type { LabelSet } from '../alert.ts';
import type { Candidate, Rule } from './rule.ts';

/**
 * An alert of a rule that is pending or firing. Times are Unix milliseconds.
 *
 * | state       | true                                        | false                                                     |
 * | ----------- | ------------------------------------------- | --------------------------------------------------------- |
 * | (none)      | pending; firing at once where `for` is 0    | –                                                         |
 * | pending     | firing once `now - activeAt >= for`         | dropped without a word                                    |
 * | firing      | stays                                       | kept for `keep_firing_for`, else resolved                 |
 * | kept firing | firing                                      | resolved once `now - keepFiringSince >= keep_firing_for`  |
 */
export interface ActiveAlert extends Candidate {
  readonly activeAtMs: number;
  /** `undefined` while pending. */
  readonly firedAtMs: number | undefined;
  /** Since when its expression is false and only `keep_firing_for` holds it. */
  readonly keepFiringSinceMs: number | undefined;
}

export type ActiveAlerts = ReadonlyMap<string, ActiveAlert>;

/** What happened to an alert in one evaluation; nothing is said about one that goes on as it was. */
export type Transition = 'pending' | 'fired' | 'dropped' | 'kept_firing' | 'recovered' | 'resolved';

export type Advance =
  | {
      readonly status: 'ok';
      readonly next: ActiveAlerts;
      /** Those of which the evaluation says that they fire: without those that are held. */
      readonly firing: readonly ActiveAlert[];
      readonly resolved: readonly ActiveAlert[];
      readonly transitions: readonly { readonly labels: LabelSet; readonly reason: Transition }[];
    }
  | { readonly status: 'failed'; readonly reason: 'duplicate_labels' | 'limit_exceeded'; readonly message: string };

type Timing = Pick<Rule, 'forMs' | 'keepFiringForMs' | 'limit'>;

/** Alerts of which an evaluation knows nothing. */
export interface Held {
  readonly isHeld: (alert: ActiveAlert) => boolean;
  /** The time that has gone by since the evaluation before: for them it does not count, neither for `for` nor for `keep_firing_for`. */
  readonly elapsedMs: number;
}

/**
 * Moves a rule's alerts on by one evaluation at `nowMs`. Pure: a result that is not `ok` leaves the state as it was (Prometheus throws it away where the
 * limit is exceeded, so that everything firing resolves; we do not). An alert that is held, and not among the candidates, stays as it is. Source:
 * Prometheus, "Alerting rules".
 */
export function advance(
  previous: ActiveAlerts,
  candidates: readonly Candidate[],
  nowMs: number,
  timing: Timing,
  held?: Held,
): Advance {
  const wanted = new Map<string, Candidate>();
  for (const candidate of candidates) {
    if (wanted.has(candidate.fingerprint)) return duplicate(candidate);
    wanted.set(candidate.fingerprint, candidate);
  }
  const next = new Map<string, ActiveAlert>();
  const resolved: ActiveAlert[] = [];
  const still = new Set<string>();
  const transitions: { labels: LabelSet; reason: Transition }[] = [];
  const say = ({ labels }: Candidate, reason: Transition): void => void transitions.push({ labels, reason });

  for (const alert of previous.values()) {
    if (wanted.has(alert.fingerprint)) continue;
    if (held?.isHeld(alert)) {
      still.add(alert.fingerprint);
      next.set(alert.fingerprint, freeze(alert, held.elapsedMs, nowMs));
      continue;
    }
    const kept = keepFiring(alert, nowMs, timing);
    if (kept) next.set(kept.fingerprint, kept);
    else if (alert.firedAtMs !== undefined) resolved.push(alert);
    if (!kept) say(alert, alert.firedAtMs === undefined ? 'dropped' : 'resolved');
    else if (alert.keepFiringSinceMs === undefined) say(alert, 'kept_firing');
  }
  for (const candidate of wanted.values()) {
    const before = previous.get(candidate.fingerprint);
    const after = continueAlert(before, candidate, nowMs, timing);
    next.set(after.fingerprint, after);
    if (before?.keepFiringSinceMs !== undefined) say(after, 'recovered');
    if (before?.firedAtMs === undefined && after.firedAtMs !== undefined) say(after, 'fired');
    else if (!before) say(after, 'pending');
  }
  if (timing.limit > 0 && next.size > timing.limit) {
    const message = `exceeded limit of ${timing.limit} with ${next.size} alerts`;
    return { status: 'failed', reason: 'limit_exceeded', message };
  }
  const firing = [...next.values()].filter(
    ({ firedAtMs, fingerprint }) => firedAtMs !== undefined && !still.has(fingerprint),
  );
  return { status: 'ok', next, firing, resolved, transitions };
}

function freeze(alert: ActiveAlert, elapsedMs: number, nowMs: number): ActiveAlert {
  const later = (timeMs: number): number => Math.min(timeMs + elapsedMs, nowMs);
  if (alert.firedAtMs === undefined) return { ...alert, activeAtMs: later(alert.activeAtMs) };
  if (alert.keepFiringSinceMs === undefined) return alert;
  return { ...alert, keepFiringSinceMs: later(alert.keepFiringSinceMs) };
}

function keepFiring(alert: ActiveAlert, nowMs: number, { keepFiringForMs }: Timing): ActiveAlert | undefined {
  if (alert.firedAtMs === undefined || keepFiringForMs === 0) return undefined;
  const keepFiringSinceMs = Math.min(alert.keepFiringSinceMs ?? nowMs, nowMs);
  return nowMs - keepFiringSinceMs < keepFiringForMs ? { ...alert, keepFiringSinceMs } : undefined;
}

function continueAlert(
  before: ActiveAlert | undefined,
  candidate: Candidate,
  nowMs: number,
  { forMs }: Timing,
): ActiveAlert {
  // Not later than now: a clock that was set back must not add its step to `for`.
  const activeAtMs = Math.min(before?.activeAtMs ?? nowMs, nowMs);
  const firedAtMs = before?.firedAtMs ?? (nowMs - activeAtMs >= forMs ? nowMs : undefined);
  return { ...candidate, activeAtMs, firedAtMs, keepFiringSinceMs: undefined };
}

function duplicate({ labels }: Candidate): Advance {
  const message = `two results have equal labels: ${JSON.stringify(labels)}`;
  return { status: 'failed', reason: 'duplicate_labels', message };
}
