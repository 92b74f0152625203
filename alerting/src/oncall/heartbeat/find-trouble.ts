import type { RuleStatus } from '../../rules/status.ts';

/** What is known of how alerting fares. Times are Unix milliseconds. */
export interface Vitals {
  readonly rules: readonly Pick<RuleStatus, 'group' | 'name' | 'intervalMs' | 'evaluatedAtMs'>[];
  /** When the rules in force were taken. */
  readonly appliedAtMs: number;
  /** When groups and steps were last looked at without an error; `undefined`: never. */
  readonly tickedAtMs: number | undefined;
  /** The last audit of incidents. */
  readonly audit: { readonly atMs: number; readonly found: number } | undefined;
  /** Notifications that are due for longer than `OVERDUE_MS` and that nothing tries, or that do not get through for long. */
  readonly overdueNotifications: number;
}

/** A notification that is so much overdue is one that nothing tries. */
export const OVERDUE_MS = 300_000;
/** Beyond two of its intervals a rule has so long. */
const RULE_GRACE_MS = 60_000;
const TICK_LIMIT_MS = 30_000;
const AUDIT_LIMIT_MS = 180_000;
const MAX_NAMED = 3;

/** What is wrong with alerting itself, in sentences; nothing where all is well. */
export function findTrouble(
  { rules, appliedAtMs, tickedAtMs, audit, overdueNotifications }: Vitals,
  nowMs: number,
): string[] {
  const late = rules.filter(
    ({ intervalMs, evaluatedAtMs = 0 }) =>
      nowMs - Math.max(evaluatedAtMs, appliedAtMs) > 2 * intervalMs + RULE_GRACE_MS,
  );
  const names = late.slice(0, MAX_NAMED).map(({ group, name }) => `${group}/${name}`);
  const trouble: string[] = [];
  if (late.length > 0) trouble.push(`${late.length} rules were not evaluated in time: ${names.join(', ')}`);
  if (tickedAtMs === undefined || nowMs - tickedAtMs > TICK_LIMIT_MS)
    trouble.push('groups and steps are not looked at');
  if (!audit || nowMs - audit.atMs > AUDIT_LIMIT_MS) trouble.push('incidents are not audited');
  else if (audit.found > 0) trouble.push(`the audit found ${audit.found} incidents stranded`);
  if (overdueNotifications > 0) trouble.push(`${overdueNotifications} notifications are overdue`);
  return trouble;
}
