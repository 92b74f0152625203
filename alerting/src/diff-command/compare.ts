import type { AlertRule, Route, RuleGroup, TocsinConfig } from '@tocsin/service/config';
import { compileRoutes } from '../notify/route.ts';
import { sloGroups } from '../slo/slo-rules.ts';
import {
  compareFields,
  compareNamed,
  type FieldChange,
  type IsPlain,
  type Named,
  type SectionChanges,
} from './changes.ts';

/** All that differs between two configurations. */
export interface Changes {
  readonly sections: readonly SectionChanges[];
  /** What is not a list of named things: settings, by path. */
  readonly settings: readonly FieldChange[];
}

/** A rule with its group, by a name that stays when it moves to another file. */
export interface NamedRule {
  readonly name: string;
  readonly rule: AlertRule;
  readonly group: RuleGroup;
}

const NEVER: IsPlain = () => false;
const ALWAYS: IsPlain = () => true;
/** What of a monitor is no secret whatever stands in it. URLs, headers and bodies may be. */
const PLAIN_OF_MONITOR: IsPlain = (field) => /^(?:kind|group|cron|timezone|dependsOn|maintenance)\b/.test(field);

/** Holds two configurations against each other. @param shipped the rules that come with Tocsin, where they are switched on */
export function compareConfigs(before: TocsinConfig, after: TocsinConfig, shipped: readonly RuleGroup[]): Changes {
  const both = (section: string, read: (config: TocsinConfig) => Named, isPlain: IsPlain): SectionChanges =>
    compareNamed(section, read(before), read(after), isPlain);
  const sections = [
    both('monitors', ({ monitors }) => byName(monitors), PLAIN_OF_MONITOR),
    both('rules', (config) => new Map(rulesOf(config, shipped).map((one) => [one.name, essenceOf(one)])), ALWAYS),
    both('SLOs', ({ slos }) => byName(slos), ALWAYS),
    both('routes', ({ alerting }) => routesOf(alerting.route), ALWAYS),
    both('receivers', ({ alerting }) => byName(alerting.receivers), NEVER),
    both(
      'inhibitions',
      ({ alerting }) => new Map(alerting.inhibitRules.map((rule) => [JSON.stringify(rule), rule])),
      ALWAYS,
    ),
    both('time intervals', ({ alerting }) => byName(alerting.timeIntervals), ALWAYS),
    both('maintenance', ({ maintenance }) => byName(maintenance), ALWAYS),
    both('schedules', ({ oncall }) => byName(oncall.schedules), ALWAYS),
    both('escalations', ({ oncall }) => byName(oncall.escalations), ALWAYS),
    both('people', ({ oncall }) => byName(oncall.users), NEVER),
  ];
  return {
    sections: sections.filter((one) => one.added.length + one.removed.length + one.changed.length > 0),
    settings: compareFields(settingsOf(before), settingsOf(after), NEVER),
  };
}

/** Every rule that alerting would evaluate. Of equal names in a group the second is `#2`. */
export function rulesOf(config: TocsinConfig, shipped: readonly RuleGroup[]): NamedRule[] {
  const seen = new Map<string, number>();
  const groups = [...(config.shippedRules ? shipped : []), ...config.ruleGroups, ...sloGroups(config.slos)];
  return groups.flatMap((group) =>
    group.rules.map((rule) => {
      const base = `${group.name}/${rule.alert}`;
      const count = (seen.get(base) ?? 0) + 1;
      seen.set(base, count);
      return { name: count === 1 ? base : `${base}#${count}`, rule, group };
    }),
  );
}

/** What of a rule makes a difference: its own and what it has of its group, without the file and its name. */
function essenceOf({ rule, group: { intervalMs, limit, queryOffsetMs, labels } }: NamedRule): object {
  const { alert: _, ...own } = rule;
  return { ...own, labels: { ...labels, ...rule.labels }, intervalMs, limit, queryOffsetMs };
}

/** Each route by its way from the root, without the ones below it. */
function routesOf(route: Route | undefined): Named {
  if (!route) return new Map();
  return new Map(
    [...compileRoutes(route).nodes.values()].map(({ id, route: { routes: _r, matchers: _m, ...own } }) => [id, own]),
  );
}

function byName(things: readonly { readonly name: string }[]): Named {
  return new Map(things.map((thing) => [thing.name, thing]));
}

function settingsOf(config: TocsinConfig): object {
  const {
    monitors: _m,
    ruleGroups: _g,
    slos: _s,
    maintenance: _w,
    watched: _f,
    alerting,
    oncall,
    ...settings
  } = config;
  const { route: _r, receivers: _c, inhibitRules: _i, timeIntervals: _t, ...ofAlerting } = alerting;
  const { schedules: _d, escalations: _e, users: _u, ...ofOncall } = oncall;
  return { ...settings, alerting: ofAlerting, oncall: ofOncall };
}
