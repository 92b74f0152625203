import type { LabelSet } from '../alert.ts';
import type { GroupRuntime, RuleSlot } from './group.ts';

/** A rule as one looks at it. Times are Unix milliseconds. */
export interface RuleStatus {
  readonly group: string;
  readonly file: string;
  readonly name: string;
  readonly intervalMs: number;
  /** As written, in the rule's language. */
  readonly expression: string;
  readonly forMs: number;
  readonly keepFiringForMs: number;
  /** `unknown` before the first evaluation. */
  readonly health: 'ok' | 'failing' | 'unknown';
  /** Why the last evaluation failed. */
  readonly error: string | undefined;
  /** The last evaluation that decided something. */
  readonly evaluatedAtMs: number | undefined;
  /** The labels of the series that are missing, where the rule minds that. */
  readonly missing: readonly LabelSet[];
  readonly alerts: readonly {
    readonly state: 'pending' | 'firing';
    readonly labels: LabelSet;
    readonly value: number;
    readonly activeAtMs: number;
  }[];
}

export function statusOf({ name: group, intervalMs }: GroupRuntime, slot: RuleSlot): RuleStatus {
  const { identity, sql, forMs, keepFiringForMs } = slot.rule;
  return {
    group,
    file: identity.file,
    name: identity.name,
    intervalMs,
    expression: sql,
    forMs,
    keepFiringForMs,
    health: slot.failure ? 'failing' : slot.evaluatedAtMs === undefined ? 'unknown' : 'ok',
    error: slot.failure && `${slot.failure.reason}: ${slot.failure.message}`,
    evaluatedAtMs: slot.evaluatedAtMs,
    missing: [...slot.series.values()]
      .filter(({ missingSinceMs }) => missingSinceMs !== undefined)
      .map(({ labels }) => labels),
    alerts: [...slot.alerts.values()].map(({ labels, value, activeAtMs, firedAtMs }) => ({
      state: firedAtMs === undefined ? 'pending' : 'firing',
      labels,
      value,
      activeAtMs,
    })),
  };
}
