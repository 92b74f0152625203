import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestClickHouse } from '@tocsin/deploy/testing';
import { createClickHouse } from '@tocsin/service/clickhouse';
import { loadConfig } from '@tocsin/service/config';
import { expect, test } from 'vitest';
import { createSqlSeries } from '../../src/rules/chart/sql-series.ts';
import { literalQueries } from '../../src/rules/template-queries.ts';
import { createSqlExpression } from '../../src/rules/sql-expression.ts';
import { sloGroups } from '../../src/slo/slo-rules.ts';
import { configFor, createSchema } from './shipped/world.ts';

const PAGE = new URL('../../../docs/alerting/rules.md', import.meta.url);

test('the examples of docs/alerting/rules.md are good configuration, and ClickHouse answers them', async () => {
  const [groups = '', rule = '', asking = '', chart = '', slos = ''] = [
    ...readFileSync(PAGE, 'utf8').matchAll(/```yaml\n([^]*?)```/g),
  ].map(([, text]) => text ?? '');
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-docs-'));
  const clickhouse = await startTestClickHouse();
  await createSchema(clickhouse);
  const client = createClickHouse(await configFor(clickhouse), { application: 'alerting', readonly: true });
  const expression = createSqlExpression(client);
  try {
    writeFileSync(join(folder, 'groups.yaml'), groups);
    writeFileSync(
      join(folder, 'rule.yaml'),
      `groups:\n- name: one\n  rules:\n${(rule + chart + asking.replace(/^/gm, '  ')).replace(/^/gm, '  ')}`,
    );
    writeFileSync(
      join(folder, 'tocsin.yaml'),
      `rule_files: [groups.yaml, rule.yaml]\nmonitors: [{ name: shop, http: "http://127.0.0.1/" }]\n${slos}`,
    );
    const config = await loadConfig({ file: 'tocsin.yaml', env: {}, workingDir: folder });
    const rules = [...config.ruleGroups, ...sloGroups(config.slos)].flatMap((group) => group.rules);
    expect(rules).toHaveLength(9);
    const charts = config.ruleGroups.flatMap((group) =>
      group.rules.flatMap(({ chart: one }) => (one ? [one.sql] : [])),
    );
    expect(charts).toHaveLength(1);
    const asked = config.ruleGroups.flatMap((group) =>
      group.rules.flatMap(({ annotations }) => Object.values(annotations).flatMap(literalQueries)),
    );
    expect(asked).toHaveLength(1);
    for (const sql of asked) expect(await expression.evaluate(sql, Date.now(), 10)).toMatchObject({ status: 'ok' });
    const hour = { fromMs: Date.now() - 3_600_000, nowMs: Date.now(), stepMs: 120_000 };
    for (const sql of charts)
      expect(await createSqlSeries(client, 10).read(sql, { service: 'shop' }, hour)).toEqual([]);
    for (const { alert, sql, noData } of rules) {
      const answer = await expression.evaluate(sql, Date.now(), 10);
      expect(answer, alert).toMatchObject({ status: 'ok', samples: [] });
      expect(noData === 'ok' || (answer.status === 'ok' && answer.quiet !== undefined), alert).toBe(true);
    }
  } finally {
    await expression.stop();
    await clickhouse.stop();
    rmSync(folder, { recursive: true });
  }
});
