import type { RuleGroup } from '@tocsin/service/config';
import { silentLogger } from '@tocsin/service/log';
import type { Alert, AlertSink, LabelSet } from '../../src/alert.ts';
import { createRuleEngine, type RuleEngine } from '../../src/rules/engine.ts';
import type { Expression, ExpressionResult, Sample } from '../../src/rules/expression.ts';
import { createSchedule, slotAt } from '../../src/rules/schedule.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';

export type GroupInput = Partial<Omit<RuleGroup, 'rules'>> & { readonly rules: readonly RuleInput[] };
export type RuleInput = Partial<Omit<RuleGroup['rules'][number], 'alert'>> & { readonly alert: string };

/** A group as the configuration would give it; a rule's `sql` is its name unless told otherwise. */
export function group({ rules, ...rest }: GroupInput): RuleGroup {
  return {
    name: 'web',
    file: 'rules.yaml',
    intervalMs: 10_000,
    limit: 0,
    queryOffsetMs: 0,
    labels: {},
    ...rest,
    rules: rules.map((rule) => ({
      sql: rule.alert,
      forMs: 0,
      keepFiringForMs: 0,
      noData: 'ok' as const,
      labels: {},
      annotations: {},
      ...rule,
    })),
  };
}

export function sample(labels: LabelSet = {}, value = 1, annotations: LabelSet = {}): Sample {
  return { labels, value, annotations };
}

/** Answers with what was set for the SQL; an empty result otherwise. */
class FakeExpression implements Expression {
  readonly answers = new Map<string, ExpressionResult>();
  readonly asked: { sql: string; nowMs: number }[] = [];
  gate: Promise<void> | undefined;

  async evaluate(sql: string, nowMs: number): Promise<ExpressionResult> {
    this.asked.push({ sql, nowMs });
    await this.gate;
    return this.answers.get(sql) ?? { status: 'ok', samples: [] };
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}

/** Keeps what it is told, in the words of a script: `firing Down{…}` or `resolved Down{…}`. */
class FakeSink implements AlertSink {
  alerts: Alert[] = [];
  broken = false;

  putAlerts(alerts: readonly Alert[]): void {
    if (this.broken) throw new Error('the sink is broken');
    this.alerts.push(...alerts);
  }
}

/** A rule engine on a fake clock that starts at a timestamp of the group `web`: times are seconds from there. */
export class Scenario {
  readonly expression = new FakeExpression();
  readonly sink = new FakeSink();
  readonly baseMs: number;
  #path: string;
  #database: Database;
  #engine: RuleEngine;
  #nowS = 0;

  constructor(path = ':memory:', intervalMs = 10_000) {
    const schedule = createSchedule(JSON.stringify(['web', 'rules.yaml']), intervalMs);
    this.baseMs = slotAt(schedule, 1_800_000_000_000);
    this.#path = path;
    this.#database = openDatabase(path);
    this.#engine = this.#start();
  }

  get engine(): RuleEngine {
    return this.#engine;
  }

  apply(...groups: RuleGroup[]): this {
    this.#engine.apply(groups, this.ms(this.#nowS));
    return this;
  }

  /** From now on a rule's query has these results. */
  set(sql: string, ...samples: Sample[]): this {
    this.expression.answers.set(sql, { status: 'ok', samples });
    return this;
  }

  /** From now on so many series are there, and those of `samples` true. */
  see(sql: string, quiet: readonly LabelSet[], ...samples: Sample[]): this {
    this.expression.answers.set(sql, { status: 'ok', samples, quiet });
    return this;
  }

  fail(
    sql: string,
    reason: 'unreachable' | 'schema_missing' | 'query_error' = 'query_error',
    message = 'no such column',
  ): this {
    this.expression.answers.set(sql, { status: 'failed', reason, message });
    return this;
  }

  /** Lets the time go by, with a tick every second. @returns what the sink was told, without repetitions */
  async until(seconds: number): Promise<string[]> {
    this.sink.alerts = [];
    while (this.#nowS < seconds) {
      this.#nowS += 1;
      this.#engine.tick(this.ms(this.#nowS));
      await this.#engine.idle();
    }
    return [...new Set(this.sink.alerts.map(describeAlert))];
  }

  /** The time jumps; nothing ticks in between. */
  jump(seconds: number): this {
    this.#nowS = seconds;
    return this;
  }

  /** The process is killed and comes back at that time with these groups; nothing ticks in between. */
  restart(seconds: number, ...groups: RuleGroup[]): this {
    this.#database.close();
    this.#nowS = seconds;
    this.#database = openDatabase(this.#path);
    this.#engine = this.#start();
    return this.apply(...groups);
  }

  ms(seconds: number): number {
    return this.baseMs + seconds * 1_000;
  }

  /** When the alert told last began, in seconds. */
  lastStart(): number {
    return ((this.sink.alerts.at(-1)?.startsAtMs ?? Number.NaN) - this.baseMs) / 1_000;
  }

  states(): string[] {
    return this.#engine.status().flatMap(({ name, alerts }) => alerts.map(({ state }) => `${name} ${state}`));
  }

  close(): void {
    this.#database.close();
  }

  #start(): RuleEngine {
    const { expression, sink } = this;
    const database = this.#database;
    return createRuleEngine({ expression, sink, database, log: silentLogger(), externalUrl: 'http://console' });
  }
}

function describeAlert({ labels: { alertname, ...labels }, endsAtMs }: Alert): string {
  const rest = Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .sort();
  return `${endsAtMs === undefined ? 'firing' : 'resolved'} ${alertname}${rest.length > 0 ? `{${rest.join()}}` : ''}`;
}
