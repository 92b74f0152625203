import type { Alert } from '../../alert.ts';
import { isFiring } from '../alert-store.ts';

/** The alerts of a group as they are at one look. */
export interface Gathered {
  readonly firing: readonly Alert[];
  /** They leave the group with this look. */
  readonly resolved: readonly Alert[];
}

/** Tells a group's members apart. */
export function gather(members: readonly Alert[], nowMs: number): Gathered {
  const { firing = [], resolved = [] } = Object.groupBy(members, (alert) =>
    isFiring(alert, nowMs) ? 'firing' : 'resolved',
  );
  return { firing, resolved };
}
