import type { Alert } from '../../alert.ts';
import type { Gathered } from './group.ts';

/** The alerts of a look, apart by whether anybody may be told of them. */
export interface Heard extends Gathered {
  /** Fingerprints of firing alerts that are muted: what was told of them is not forgotten. */
  readonly mutedFiring: ReadonlySet<string>;
  /** Fingerprints of alerts that resolved while they were muted: their end is told to nobody. */
  readonly mutedResolved: ReadonlySet<string>;
}

/** Takes the muted alerts out of a look. @param isMuted asked once for each alert */
export function takeOutMuted({ firing, resolved }: Gathered, isMuted: (alert: Alert) => boolean): Heard {
  const mutedFiring = new Set<string>();
  const mutedResolved = new Set<string>();
  const keep =
    (muted: Set<string>) =>
    (alert: Alert): boolean => {
      if (!isMuted(alert)) return true;
      muted.add(alert.fingerprint);
      return false;
    };
  return {
    firing: firing.filter(keep(mutedFiring)),
    resolved: resolved.filter(keep(mutedResolved)),
    mutedFiring,
    mutedResolved,
  };
}
