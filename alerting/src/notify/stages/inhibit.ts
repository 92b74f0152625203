import type { InhibitRule } from '@tocsin/service/config';
import type { Alert, LabelSet } from '../../alert.ts';
import { isFiring } from '../alert-store.ts';
import { type CompiledMatcher, compileMatchers, valueOf } from '../matchers.ts';

/** An alert as far as inhibition goes. */
export type InhibitAlert = Pick<Alert, 'fingerprint' | 'labels' | 'endsAtMs' | 'updatedAtMs'>;

/** Knows the alerts that may inhibit others, and which they do. */
export interface Inhibitor {
  /** Whether an alert with these labels may inhibit others. */
  isSource(labels: LabelSet): boolean;
  /** Takes an alert as it is now, in the place of what was known of it. */
  put(alert: InhibitAlert): void;
  forget(fingerprint: string): void;
  /** Forgets what has resolved. */
  prune(nowMs: number): void;
  /** The fingerprint of a firing alert that inhibits this one, by the first rule that has one. */
  inhibitedBy(labels: LabelSet, nowMs: number): readonly string[];
  /** How many alerts are kept. */
  readonly size: () => number;
}

interface Rule {
  readonly isSource: CompiledMatcher;
  readonly isTarget: CompiledMatcher;
  readonly equal: readonly string[];
  /** By the values of the equal labels. */
  readonly sources: Map<string, Sources>;
}

/** Alerts that match both sides do not inhibit one another, so they are kept apart. */
interface Sources {
  readonly oneSided: Map<string, InhibitAlert>;
  readonly twoSided: Map<string, InhibitAlert>;
}

const NONE: readonly string[] = [];

/**
 * Makes an inhibitor that knows no alert yet.
 * Source: Alertmanager documentation, "Configuration", `<inhibit_rule>`.
 */
export function createInhibitor(inhibitRules: readonly InhibitRule[]): Inhibitor {
  const rules = inhibitRules.map(({ sourceMatchers, targetMatchers, equal }): Rule => ({
    isSource: compileMatchers(sourceMatchers),
    isTarget: compileMatchers(targetMatchers),
    equal: [...equal].sort(),
    sources: new Map(),
  }));
  const known = new Map<string, InhibitAlert>();

  const forget = (fingerprint: string): void => {
    const alert = known.get(fingerprint);
    if (!alert) return;
    known.delete(fingerprint);
    for (const { equal, sources } of rules) {
      const key = keyOf(equal, alert.labels);
      const list = sources.get(key);
      if (!list) continue;
      list.oneSided.delete(fingerprint);
      list.twoSided.delete(fingerprint);
      if (list.oneSided.size + list.twoSided.size === 0) sources.delete(key);
    }
  };
  return {
    isSource: (labels) => rules.some(({ isSource }) => isSource(labels)),
    forget,
    put(alert) {
      forget(alert.fingerprint);
      for (const { isSource, isTarget, equal, sources } of rules) {
        if (!isSource(alert.labels)) continue;
        known.set(alert.fingerprint, alert);
        const key = keyOf(equal, alert.labels);
        const list = sources.get(key) ?? { oneSided: new Map(), twoSided: new Map() };
        sources.set(key, list);
        (isTarget(alert.labels) ? list.twoSided : list.oneSided).set(alert.fingerprint, alert);
      }
    },
    prune(nowMs) {
      for (const alert of known.values()) if (!isFiring(alert, nowMs)) forget(alert.fingerprint);
    },
    inhibitedBy(labels, nowMs) {
      for (const { isSource, isTarget, equal, sources } of rules) {
        const list = sources.size > 0 && isTarget(labels) ? sources.get(keyOf(equal, labels)) : undefined;
        if (!list) continue;
        const source =
          firstFiring(list.oneSided, nowMs) ?? (isSource(labels) ? undefined : firstFiring(list.twoSided, nowMs));
        if (source) return [source.fingerprint];
      }
      return NONE;
    },
    size: () => known.size,
  };
}

function firstFiring(alerts: ReadonlyMap<string, InhibitAlert>, nowMs: number): InhibitAlert | undefined {
  for (const alert of alerts.values()) if (isFiring(alert, nowMs)) return alert;
  return undefined;
}

/** An absent label is as good as an empty one. */
function keyOf(equal: readonly string[], labels: LabelSet): string {
  return equal.length === 1
    ? valueOf(labels, equal[0] ?? '')
    : JSON.stringify(equal.map((name) => valueOf(labels, name)));
}
