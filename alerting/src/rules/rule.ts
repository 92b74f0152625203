import type { AlertRule, NoData, RuleGroup } from '@tocsin/service/config';
import type { LabelSet } from '../alert.ts';
import { fingerprintOf } from '../fingerprint.ts';
import { TemplateError } from '@tocsin/service/template';
import { compileTemplate, type Template } from '../template/template.ts';
import type { Sample } from './expression.ts';
import type { QueryResults } from './template-queries.ts';

/** By what a rule is found again after a restart or a reload. */
export interface RuleIdentity {
  readonly kind: 'file' | 'builtin';
  readonly file: string;
  readonly group: string;
  readonly name: string;
  /** The labels as written, the group's included, as JSON with sorted names. */
  readonly labels: string;
}

/** A rule ready to be evaluated. */
export interface Rule {
  readonly identity: RuleIdentity;
  readonly sql: string;
  readonly forMs: number;
  readonly keepFiringForMs: number;
  /** The most alerts; 0 is no limit. */
  readonly limit: number;
  readonly noData: NoData;
  /** Its templates ask. */
  readonly asks?: boolean;
  /** The query of its picture, where it has one of its own; `false` where its messages have none. */
  readonly chart?: AlertRule['chart'];
  readonly labels: readonly (readonly [string, Template])[];
  readonly annotations: readonly (readonly [string, Template])[];
}

/** A sample with the labels and annotations its alert has. */
export interface Candidate {
  readonly fingerprint: string;
  readonly labels: LabelSet;
  readonly annotations: LabelSet;
  readonly value: number;
  /** The fingerprint of the row's labels; empty where the rule does not mind missing data. */
  readonly series: string;
}

/** Prepares a rule of a file. The rule's labels win over its group's. */
export function compileRule(rule: AlertRule, group: RuleGroup): Rule {
  const labels = { ...group.labels, ...rule.labels };
  return {
    identity: { kind: 'file', file: group.file, group: group.name, name: rule.alert, labels: sortedJson(labels) },
    sql: rule.sql,
    forMs: rule.forMs,
    keepFiringForMs: rule.keepFiringForMs,
    limit: group.limit,
    noData: rule.noData,
    asks: asksInTemplates({ labels, annotations: rule.annotations }),
    ...(rule.chart === undefined ? {} : { chart: rule.chart }),
    labels: compileAll(labels),
    annotations: compileAll(rule.annotations),
  };
}

/**
 * The alert a sample makes. The rule's labels win over the row's, `alertname` over both, the rule's annotations over the row's;
 * templates see the row's labels. An empty label is no label. Source: Prometheus, "Alerting rules".
 */
export function toCandidate(
  rule: Rule,
  sample: Sample,
  nowMs: number,
  externalUrl: string,
  asked?: TemplateAsk,
): Candidate {
  const data = { ...sample, nowMs, externalUrl, query: asked && lookUp(asked) };
  const labels: Record<string, string> = { ...sample.labels };
  for (const [name, template] of rule.labels) labels[name] = template.expand(data);
  labels['alertname'] = rule.identity.name;
  for (const [name, value] of Object.entries(labels)) if (value === '') delete labels[name];
  const annotations: Record<string, string> = {};
  for (const [name, text] of Object.entries(sample.annotations)) annotations[name] = cut(text);
  for (const [name, template] of rule.annotations) annotations[name] = cut(template.expand(data));
  const series = rule.noData === 'ok' ? '' : fingerprintOf(sample.labels);
  return { fingerprint: fingerprintOf(labels), labels, annotations, value: sample.value, series };
}

/** What templates have asked, and who is told of what they ask besides. */
export interface TemplateAsk {
  readonly results: QueryResults;
  readonly onMissing?: (sql: string) => void;
}

function lookUp({ results, onMissing }: TemplateAsk): (sql: string) => readonly Sample[] {
  return (sql) => {
    const result = results.get(sql);
    if (result === undefined) onMissing?.(sql);
    if (typeof result === 'object') return result;
    throw new TemplateError(`query: ${result ?? 'it was not asked'}`);
  };
}

/** Whether filling the rule's templates in may need a query. */
export function asksInTemplates({ labels, annotations }: Pick<AlertRule, 'labels' | 'annotations'>): boolean {
  return [...Object.values(labels), ...Object.values(annotations)].some((source) => /\{\{[^]*\bquery\b/.test(source));
}

/** The most characters of an annotation: it is written down at every evaluation, and messages show a part of it only. */
const MAX_ANNOTATION = 8_192;

function cut(text: string): string {
  if (text.length <= MAX_ANNOTATION) return text;
  return `${text.slice(0, MAX_ANNOTATION - 1).replace(/[\uD800-\uDBFF]$/u, '')}…`;
}

export function compileAll(templates: LabelSet): [string, Template][] {
  return Object.entries(templates).map(([name, source]) => [name, compileTemplate(source)]);
}

export function sortedJson(labels: LabelSet): string {
  return JSON.stringify(Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))));
}
