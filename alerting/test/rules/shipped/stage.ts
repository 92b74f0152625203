import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import { createClickHouse } from '@tocsin/service/clickhouse';
import type { RuleGroup } from '@tocsin/service/config';
import type { LabelSet } from '../../../src/alert.ts';
import { MAX_SAMPLES } from '../../../src/rules/evaluate-rule.ts';
import type { Expression } from '../../../src/rules/expression.ts';
import { compileRule, toCandidate } from '../../../src/rules/rule.ts';
import { loadShippedGroups } from '../../../src/rules/shipped.ts';
import { createSqlExpression } from '../../../src/rules/sql-expression.ts';
import { configFor, createSchema, type World } from './world.ts';

export const NOW_MS = Date.parse('2026-11-22T12:34:56.789Z');
export const DAY_S = 86_400;

export interface Found {
  readonly labels: LabelSet;
  readonly annotations: LabelSet;
  readonly value: number;
}

/** A ClickHouse with the collector's schema, and the shipped rules. */
export class Stage {
  readonly clickhouse: TestClickHouse;
  readonly groups: readonly RuleGroup[];
  readonly #expression: Expression;

  private constructor(clickhouse: TestClickHouse, groups: readonly RuleGroup[], expression: Expression) {
    this.clickhouse = clickhouse;
    this.groups = groups;
    this.#expression = expression;
  }

  static async start(): Promise<Stage> {
    const clickhouse = await startTestClickHouse();
    await createSchema(clickhouse);
    const config = await configFor(clickhouse);
    const expression = createSqlExpression(createClickHouse(config, { application: 'alerting', readonly: true }));
    return new Stage(clickhouse, await loadShippedGroups(), expression);
  }

  /** The alerts a shipped rule makes of this world. */
  async evaluate(name: string, world: World, write = true): Promise<Found[]> {
    if (write) await world.write(this.clickhouse);
    const found = this.groups.flatMap((group) =>
      group.rules.filter(({ alert }) => alert === name).map((rule) => compileRule(rule, group)),
    )[0];
    if (!found) throw new Error(`no rule ${name}`);
    const result = await this.#expression.evaluate(found.sql, world.nowMs, MAX_SAMPLES);
    if (result.status === 'failed') throw new Error(`${result.reason}: ${result.message}`);
    return result.samples.map((sample) => toCandidate(found, sample, world.nowMs, 'http://console'));
  }

  async stop(): Promise<void> {
    await this.#expression.stop();
    await this.clickhouse.stop();
  }
}
