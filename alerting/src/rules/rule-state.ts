import type { Logger } from '@tocsin/service/log';
import type { Alert, AlertSink } from '../alert.ts';
import type { Database } from '../store/database.ts';
import type { ActiveAlert, ActiveAlerts } from './advance.ts';
import type { Decision } from './decide.ts';
import type { RuleSlot } from './group.ts';
import { matchRules } from './match-rules.ts';
import type { SeriesMap } from './no-data.ts';
import { restoreAlert } from './restore.ts';
import type { Rule } from './rule.ts';
import { createRuleStore, type RuleStore } from './rule-store.ts';

export interface RuleStateOptions {
  readonly database: Database;
  readonly sink: AlertSink;
  readonly log: Logger;
  readonly externalUrl: string;
}

/**
 * The state of all rules, in memory and in the database. Every change is one transaction together with the alerts it means for the
 * sink; memory follows once that is on disk.
 */
export interface RuleState {
  /** Makes these the rules; those that are gone resolve what they fired. @returns the slot of each rule */
  adopt(rules: readonly Rule[], nowMs: number): ReadonlyMap<Rule, RuleSlot>;
  commit(decision: Decision, nowMs: number): void;
}

/** What a rule goes on with. */
interface Known {
  readonly identity: Rule['identity'];
  readonly id: number;
  readonly alerts: ActiveAlerts;
  readonly series: SeriesMap;
  readonly evaluatedAtMs: number | undefined;
  readonly failure: RuleSlot['failure'];
}

export function createRuleState({ database, sink, log, externalUrl }: RuleStateOptions): RuleState {
  const store = createRuleStore(database);
  /** `undefined` until the state of before the restart has been taken up. */
  let slots: readonly RuleSlot[] | undefined;

  const put = (
    firing: readonly ActiveAlert[],
    resolved: readonly ActiveAlert[],
    fires: ReadonlySet<string>,
    nowMs: number,
  ) => {
    // Two rules may raise alerts of equal labels; as long as one fires, the alert does.
    const ended = resolved.filter(({ fingerprint }) => !fires.has(fingerprint));
    const alerts = [
      ...firing.map((alert) => toAlert(alert, nowMs, undefined, externalUrl)),
      ...ended.map((alert) => toAlert(alert, nowMs, nowMs, externalUrl)),
    ];
    if (alerts.length > 0) sink.putAlerts(alerts, nowMs);
  };

  return {
    adopt(rules, nowMs) {
      const restarted = slots === undefined;
      const adopted = database.transaction(() => {
        const known: Known[] = slots ? slots.map(toKnown) : store.load().map(withoutFailure);
        const matches = matchRules(
          rules.map(({ identity }) => identity),
          known,
        );
        const next = new Map<Rule, RuleSlot>();
        for (const [at, rule] of rules.entries())
          next.set(rule, takeUp(store, rule, matches.matched[at], restarted, nowMs));
        for (const { id } of matches.removed) store.remove(id);
        const ended = matches.removed.flatMap(({ alerts }) => firingAmong(alerts));
        put([], ended, fingerprintsOf([...next.values()]), nowMs);
        for (const { labels } of ended) log.info({ labels, reason: 'rule_removed' }, 'alert changed');
        return next;
      });
      slots = [...adopted.values()];
      return adopted;
    },
    commit({ moved, failed }, nowMs) {
      database.transaction(() => {
        for (const { slot, to, series } of moved) {
          store.save(slot.id, slot.alerts, to.next, nowMs);
          if (series) store.saveSeries(slot.id, slot.series, series);
        }
        const firing = moved.flatMap(({ to }) => to.firing);
        const resolved = moved.flatMap(({ to }) => to.resolved);
        const moving = new Set(moved.map(({ slot }) => slot));
        const others = resolved.length === 0 ? [] : (slots ?? []).filter((slot) => !moving.has(slot));
        const fires = new Set([
          ...fingerprintsOf(others),
          ...fingerprintsOf(moved.map(({ to }) => ({ alerts: to.next }))),
        ]);
        put(firing, resolved, fires, nowMs);
      });
      for (const { slot, to, series, dropped = 0 } of moved) {
        Object.assign(slot, { alerts: to.next, evaluatedAtMs: nowMs, failure: undefined } satisfies Partial<RuleSlot>);
        if (series) slot.series = series;
        if (dropped > 0)
          log.warn({ rule: slot.rule.identity.name, dropped }, 'a rule has too many series: some were forgotten');
        for (const { labels, reason } of to.transitions) log.info({ labels, reason }, 'alert changed');
      }
      const known = new Set(failed.length === 0 ? [] : (slots ?? []).map(({ failure }) => failure?.reason));
      for (const { slot, failure } of failed) {
        // What is no rule's own fault is said of the first.
        const isNews = SHARED_REASONS.has(failure.reason)
          ? !known.has(failure.reason)
          : !saysTheSame(slot.failure, failure);
        if (isNews) log.warn(failure, 'a rule cannot be evaluated');
        known.add(failure.reason);
        slot.failure = failure;
      }
    },
  };
}

/** Why all rules fail at once. */
const SHARED_REASONS: ReadonlySet<string> = new Set(['unreachable', 'schema_missing']);

/** Times and counts in a message change from one evaluation to the next and are no news. */
function saysTheSame(before: RuleSlot['failure'], after: RuleSlot['failure']): boolean {
  return before?.reason === after?.reason && before?.message.replace(/\d+/g, '') === after?.message.replace(/\d+/g, '');
}

function takeUp(store: RuleStore, rule: Rule, known: Known | undefined, restarted: boolean, nowMs: number): RuleSlot {
  if (!known) {
    const id = store.add(rule.identity);
    return { rule, id, alerts: new Map(), series: new Map(), evaluatedAtMs: undefined, failure: undefined };
  }
  if (known.identity.file !== rule.identity.file) store.move(known.id, rule.identity);
  const { id, evaluatedAtMs, failure } = known;
  const series: SeriesMap = rule.noData === 'ok' ? new Map() : known.series;
  if (series.size < known.series.size) store.saveSeries(id, known.series, series);
  const alerts = restarted ? restoreAll(known, nowMs, rule.forMs) : known.alerts;
  return { rule, id, alerts, series, evaluatedAtMs, failure };
}

function restoreAll({ alerts, evaluatedAtMs }: Known, nowMs: number, forMs: number): ActiveAlerts {
  const restored = [...alerts.values()].flatMap((alert) => {
    const kept = restoreAlert(alert, evaluatedAtMs ?? alert.activeAtMs, nowMs, forMs);
    return kept ? [[alert.fingerprint, kept] as const] : [];
  });
  return new Map(restored);
}

function toKnown({ rule, id, alerts, series, evaluatedAtMs, failure }: RuleSlot): Known {
  return { identity: rule.identity, id, alerts, series, evaluatedAtMs, failure };
}

function withoutFailure(stored: Omit<Known, 'failure'>): Known {
  return { ...stored, failure: undefined };
}

function firingAmong(alerts: ActiveAlerts): ActiveAlert[] {
  return [...alerts.values()].filter(({ firedAtMs }) => firedAtMs !== undefined);
}

function fingerprintsOf(slots: readonly Pick<RuleSlot, 'alerts'>[]): Set<string> {
  return new Set(slots.flatMap(({ alerts }) => firingAmong(alerts).map(({ fingerprint }) => fingerprint)));
}

function toAlert(alert: ActiveAlert, nowMs: number, endsAtMs: number | undefined, generatorUrl: string): Alert {
  return {
    fingerprint: alert.fingerprint,
    labels: alert.labels,
    annotations: alert.annotations,
    value: alert.value,
    startsAtMs: alert.firedAtMs ?? nowMs,
    endsAtMs,
    updatedAtMs: nowMs,
    generatorUrl,
  };
}
