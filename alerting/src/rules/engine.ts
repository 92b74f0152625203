import type { RuleGroup } from '@tocsin/service/config';
import type { Logger } from '@tocsin/service/log';
import type { Alert, AlertSink } from '../alert.ts';
import type { Database } from '../store/database.ts';
import { clickHouseUnreachable, schemaMissing } from './builtin.ts';
import { decide } from './decide.ts';
import type { Expression, ExpressionResult } from './expression.ts';
import { buildGroups, type GroupRuntime, type OwnSlots, planGroup } from './group.ts';
import { evaluateRule } from './evaluate-rule.ts';
import { findNamed, findRule } from './find-rule.ts';
import { createOutlook } from './outlook.ts';
import type { ChartedRule } from './chart/rule-series.ts';
import { createRuleState } from './rule-state.ts';
import { createScheduler } from './scheduler.ts';
import { type RuleStatus, statusOf } from './status.ts';
import { createRuleTelemetry, type RuleTelemetry } from './telemetry.ts';
import { createTicker } from './ticker.ts';

export interface RuleEngineOptions {
  readonly expression: Expression;
  readonly database: Database;
  readonly sink: AlertSink;
  readonly log: Logger;
  /** The console as people reach it; `$externalURL` in templates. */
  readonly externalUrl: string;
  /** The most groups that are evaluated at once; default 8. */
  readonly maxConcurrentGroups?: number;
}

/** Evaluates rules on their schedules and tells the sink which alerts fire and which have resolved. */
export interface RuleEngine {
  /**
   * Takes these groups in the place of those before. A rule keeps its state where group, name and labels still match; the
   * alerts of removed rules resolve. After a restart the first call takes up the stored state.
   */
  apply(groups: readonly RuleGroup[], nowMs: number): void;
  /** Starts what is due at `nowMs`. @returns the next moment at which something is due */
  tick(nowMs: number): number;
  /** Resolves when no evaluation runs. */
  idle(): Promise<void>;
  /** Ticks by the system's clock from now on, until `stop()`. */
  start(): void;
  /** Every rule with its state, in the order of the groups. */
  status(): RuleStatus[];
  /** The rule of this name in the group of this name, the first where there are several. */
  ruleNamed(group: string, name: string): ChartedRule | undefined;
  /** The rule that raised an alert, where there is one and it is known which. */
  ruleOf(alert: Alert): ChartedRule | undefined;
  /** Ends the ticks, waits at most 5 s for what runs (its result is thrown away), closes the expression. Idempotent. */
  stop(): Promise<void>;
}

/** So many answers `unreachable` in a row end the questions of a group. */
const MAX_UNREACHABLE = 2;
const STOP_LIMIT_MS = 5_000;

export function createRuleEngine(options: RuleEngineOptions): RuleEngine {
  const { expression, log, externalUrl } = options;
  const state = createRuleState(options);
  const telemetry = createRuleTelemetry();
  let groups: readonly GroupRuntime[] = [];
  let own: OwnSlots | undefined;
  const outlook = createOutlook();
  let stopped: Promise<void> | undefined;

  const isAway = (): boolean => outlook.isAway((own?.unreachable.alerts.size ?? 0) > 0, groups.length);
  const evaluate = (group: GroupRuntime, nowMs: number): Promise<void> =>
    telemetry.inSpan(group.name, nowMs, async () => {
      try {
        const tell = outlook.begin();
        const results = await askAll(group, nowMs, { expression, externalUrl, telemetry, tell, isAway });
        if (group.retired || stopped || !own) return;
        const othersLackSchema = own.schemaMissing.alerts.size > 0 && lackSchema(groups, group);
        state.commit(decide({ group, own, results, nowMs, externalUrl, isAway: isAway(), othersLackSchema }), nowMs);
      } catch (error) {
        // The state is as before and the next evaluation makes up for this one; a full disk comes here.
        log.error({ err: error, group: group.name }, 'an evaluation of a rule group was lost');
      }
    });
  const scheduler = createScheduler({
    maxConcurrent: options.maxConcurrentGroups ?? 8,
    onMissed(key, missed) {
      const group = groups.find((entry) => entry.key === key)?.name ?? key;
      telemetry.missed(group, missed);
      log.warn({ group, missed }, 'evaluations of a rule group were missed');
    },
    onSettled: () => ticker.wake(),
  });
  const ticker = createTicker((nowMs) => scheduler.tick(nowMs));

  return {
    apply(wanted, nowMs) {
      // A group without rules says nothing, and where there are no rules at all there is nothing to say about ClickHouse.
      const plans = wanted.filter(({ rules }) => rules.length > 0).map(planGroup);
      const ofOwn = plans.length > 0 ? [clickHouseUnreachable, schemaMissing] : [];
      const rules = plans.flatMap((plan) => [
        ...plan.rules,
        ...plan.withoutData.filter((rule) => rule !== undefined),
        plan.failing,
      ]);
      const slots = state.adopt([...ofOwn, ...rules], nowMs);
      for (const group of groups) group.retired = true;
      const [unreachable, bare] = [slots.get(clickHouseUnreachable), slots.get(schemaMissing)];
      own = unreachable && bare && { unreachable, schemaMissing: bare };
      groups = buildGroups(plans, slots);
      scheduler.setGroups(
        groups.map((group) => ({
          key: group.key,
          intervalMs: group.intervalMs,
          evaluate: (timestampMs: number) => evaluate(group, timestampMs),
        })),
        nowMs,
      );
      ticker.wake();
    },
    tick: (nowMs) => scheduler.tick(nowMs),
    idle: () => scheduler.idle(),
    start: () => ticker.start(),
    ruleNamed: (group, name) => findNamed(groups, group, name),
    ruleOf: (alert) => findRule(groups, alert),
    status: () => groups.flatMap((group) => group.rules.map((slot) => statusOf(group, slot))),
    stop() {
      ticker.stop();
      stopped ??= withLimit(scheduler.idle(), STOP_LIMIT_MS).then(() => expression.stop());
      return stopped;
    },
  };
}

/** Whether rules of other groups failed last because ClickHouse's tables are not there. */
function lackSchema(groups: readonly GroupRuntime[], except: GroupRuntime): boolean {
  return groups.some(
    (group) => group !== except && group.rules.some(({ failure }) => failure?.reason === 'schema_missing'),
  );
}

interface Asking {
  readonly expression: Expression;
  readonly externalUrl: string;
  readonly telemetry: RuleTelemetry;
  readonly tell: (isAnswered: boolean) => void;
  readonly isAway: () => boolean;
}

/**
 * Asks a group's rules in their order, all for the same moment. Where ClickHouse is away and did not answer twice in a row the rest is taken for
 * unanswered too: each question may cost a time-out.
 */
async function askAll(group: GroupRuntime, nowMs: number, asking: Asking): Promise<ExpressionResult[]> {
  const { expression, telemetry, tell, isAway, externalUrl } = asking;
  const results: ExpressionResult[] = [];
  let unreachable = 0;
  for (const { rule } of group.rules) {
    if (group.retired) break;
    const before = results.at(-1);
    if (before && unreachable >= MAX_UNREACHABLE && isAway()) {
      results.push(before);
      continue;
    }
    const startedMs = performance.now();
    const askedMs = nowMs - group.queryOffsetMs;
    const result = await evaluateRule(rule, { nowMs, askedMs, externalUrl, expression });
    const reason = result.status === 'ok' ? 'none' : result.reason;
    telemetry.evaluated(group.name, result.status, reason, performance.now() - startedMs);
    tell(reason !== 'unreachable');
    unreachable = reason === 'unreachable' ? unreachable + 1 : 0;
    results.push(result);
  }
  return results;
}

/** Waits for `work`, but not longer than `limitMs`. */
async function withLimit(work: Promise<void>, limitMs: number): Promise<void> {
  const limit = Promise.withResolvers<void>();
  const timer = setTimeout(limit.resolve, limitMs);
  await Promise.race([work, limit.promise]);
  clearTimeout(timer);
}
