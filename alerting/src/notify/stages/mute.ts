import type { Alert } from '../../alert.ts';
import type { Gathered } from './group.ts';

/** Why an alert is told to nobody; also the metric attribute. */
export type MuteReason = 'time_interval' | 'inhibition' | 'silence';

/** The alerts of a look, apart by whether anybody may be told of them. */
export interface Heard extends Gathered {
  /** Fingerprints of firing alerts that are muted: what was told of them is not forgotten. */
  readonly mutedFiring: ReadonlySet<string>;
  /** Fingerprints of alerts that resolved while they were muted: their end is told to nobody. */
  readonly mutedResolved: ReadonlySet<string>;
  /** How many are muted by what. */
  readonly reasons: ReadonlyMap<MuteReason, number>;
}

/** Takes the muted alerts out of a look. @param reasonOf asked once for each alert; `undefined`: it may be told */
export function takeOutMuted(
  { firing, resolved }: Gathered,
  reasonOf: (alert: Alert) => MuteReason | undefined,
): Heard {
  const mutedFiring = new Set<string>();
  const mutedResolved = new Set<string>();
  const reasons = new Map<MuteReason, number>();
  const keep =
    (muted: Set<string>) =>
    (alert: Alert): boolean => {
      const reason = reasonOf(alert);
      if (reason === undefined) return true;
      muted.add(alert.fingerprint);
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      return false;
    };
  return {
    firing: firing.filter(keep(mutedFiring)),
    resolved: resolved.filter(keep(mutedResolved)),
    mutedFiring,
    mutedResolved,
    reasons,
  };
}
