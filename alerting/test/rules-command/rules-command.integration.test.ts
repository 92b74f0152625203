import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runRulesCommand } from '../../src/rules-command/command.ts';
import { createSchema } from '../rules/shipped/world.ts';

const NOW_MS = Date.parse('2026-11-25T06:00:00Z');
const RULES = `
groups:
  - name: shop
    interval: 30s
    rules:
      - alert: HighQueue
        sql: |
          SELECT Attributes['queue'] AS queue, argMax(Value, TimeUnix) AS value FROM otel_metrics_gauge
          WHERE MetricName = 'shop.queue' AND TimeUnix > {now:DateTime64(9)} - INTERVAL 90 SECOND AND TimeUnix <= {now:DateTime64(9)}
          GROUP BY queue HAVING value > 100
        for: 1m
        labels: { severity: page }
        annotations: { summary: 'Queue {{ $labels.queue }} has {{ $value }}' }
`;

let clickhouse: TestClickHouse;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-rules-'));
  clickhouse = await startTestClickHouse();
  await createSchema(clickhouse);
  await writeFile(join(folder, 'shop.yaml'), RULES);
});

afterAll(async () => {
  await clickhouse.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Said {
  readonly code: number;
  readonly out: string;
  readonly complaints: string;
  readonly progress: readonly string[];
}

async function run(...args: string[]): Promise<Said> {
  const said = { out: '', complaints: '', progress: [] as string[] };
  const code = await runRulesCommand({
    args,
    env: {},
    workingDir: folder,
    nowMs: NOW_MS,
    scratchUrl: clickhouse.url,
    out: (text) => void (said.out += text),
    complain: (text) => void (said.complaints += text),
    progress: (line) => void said.progress.push(line),
    signal: new AbortController().signal,
  });
  return { code, ...said };
}

async function runTests(tests: string): Promise<Said> {
  await writeFile(join(folder, 'shop.test.yaml'), `rule_files: [shop.yaml]\n${tests}`);
  return run('test', 'shop.test.yaml');
}

describe('tocsin rules test', () => {
  test('plays series: pending says nothing, firing is compared by labels and annotations', async () => {
    const { code, out } = await runTests(`
tests:
  - name: grows
    interval: 30s
    input_series: [{ series: 'shop.queue{queue="mail"}', values: '0+50x20' }]
    alert_rule_test:
      - { eval_time: 2m, alertname: HighQueue }
      - eval_time: 2m30s
        alertname: HighQueue
        exp_alerts:
          - { exp_labels: { queue: mail, severity: page }, exp_annotations: { summary: 'Queue mail has 250' } }
  - name: falls again
    interval: 30s
    input_series: [{ series: 'shop.queue{queue="mail"}', values: '200x5 10' }]
    alert_rule_test:
      - { eval_time: 1m, alertname: HighQueue, exp_alerts: [{ exp_labels: { queue: mail, severity: page } }] }
      - { eval_time: 3m, alertname: HighQueue }
`);
    expect(out).toBe('Unit testing: shop.test.yaml\n  SUCCESS: grows\n  SUCCESS: falls again\n2 passed, 0 failed\n');
    expect(code).toBe(0);
  });

  test('shows what was expected and what it got, and fails', async () => {
    const { code, out } = await runTests(`
tests:
  - name: wrong
    input_rows:
      - { table: otel_metrics_gauge, every: 30s, times: 5, rows: [{ MetricName: shop.queue, Attributes: { queue: x }, TimeUnix: 0, Value: 500 }] }
    alert_rule_test:
      - { eval_time: 2m, alertname: HighQueue, exp_alerts: [{ exp_labels: { queue: y, severity: page } }] }
      - { eval_time: 2m, alertname: Unheard }
`);
    expect(out).toContain('FAILED: wrong, alertname HighQueue at 2m');
    expect(out).toMatch(/expected:\n +\{alertname="HighQueue", queue="y", severity="page"\}/);
    expect(out).toMatch(/got:\n +\{alertname="HighQueue", queue="x", severity="page"\} \{summary="Queue x has 500"\}/);
    expect(out).toContain('no rule of the rule files has this name');
    expect(out).toContain('0 passed, 1 failed');
    expect(code).toBe(1);
  });

  test('a template asks the rows of the test', async () => {
    await writeFile(
      join(folder, 'asking-rules.yaml'),
      `groups:
  - name: asking
    interval: 1m
    rules:
      - alert: Asking
        sql: SELECT 'a' AS x, 1 AS value
        annotations:
          highest: '{{ with query "SELECT max(Value) AS value FROM otel_metrics_gauge WHERE TimeUnix <= {now:DateTime64(9)} HAVING count() > 0" }}{{ . | first | value }}{{ end }}'
`,
    );
    await writeFile(
      join(folder, 'asking.test.yaml'),
      `rule_files: [asking-rules.yaml]
tests:
  - interval: 1m
    input_series: [{ series: 'shop.queue', values: '1+1x9' }]
    alert_rule_test:
      - { eval_time: 0, alertname: Asking, exp_alerts: [{ exp_labels: { x: a }, exp_annotations: { highest: '1' } }] }
      - { eval_time: 4m, alertname: Asking, exp_alerts: [{ exp_labels: { x: a }, exp_annotations: { highest: '5' } }] }
`,
    );
    expect(await run('test', 'asking.test.yaml')).toMatchObject({ code: 0 });
  });

  test('a test leaves nothing to the next', async () => {
    const { out } = await runTests(`
tests:
  - input_series: [{ series: 'shop.queue{queue="a"}', values: '500x9' }]
    alert_rule_test: [{ eval_time: 5m, alertname: HighQueue, exp_alerts: [{ exp_labels: { queue: a, severity: page } }] }]
  - alert_rule_test: [{ eval_time: 5m, alertname: HighQueue }]
`);
    expect(out).toContain('2 passed, 0 failed');
  });

  test.each([
    [
      'a bad series',
      `[{ input_series: [{ series: 'up', values: '1+' }], alert_rule_test: [{ eval_time: 0, alertname: HighQueue }] }]`,
      1,
      /expected values such as/,
    ],
    [
      'a table nobody has',
      `[{ input_rows: [{ table: nothing, rows: [{ a: 1 }] }], alert_rule_test: [{ eval_time: 0, alertname: HighQueue }] }]`,
      1,
      /expected a table of Tocsin's, found nothing/,
    ],
    [
      'a column nobody has',
      `[{ input_rows: [{ table: otel_logs, rows: [{ nope: 1 }] }], alert_rule_test: [{ eval_time: 0, alertname: HighQueue }] }]`,
      1,
      /expected a column .* found nope/,
    ],
    ['a key nobody knows', `[{ alert_rule_tests: [] }]`, 2, /shop\.test\.yaml:3.*did you mean "alert_rule_test"/s],
    [
      'every without times',
      `[{ input_rows: [{ table: otel_logs, rows: [{ Body: a }], every: 1s }], alert_rule_test: [{ eval_time: 0, alertname: HighQueue }] }]`,
      2,
      /both every and times/,
    ],
  ])('%s is told', async (_, tests, expected, sentence) => {
    const { code, out, complaints } = await runTests(`\ntests: ${tests}\n`);
    expect(out + complaints).toMatch(sentence);
    expect(code).toBe(expected);
  });
});

describe('tocsin rules check', () => {
  test('runs every query once', async () => {
    expect(await run('check', 'shop.yaml')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^1 rules.*all of them run/),
    });
  });

  test('names the rule that cannot be evaluated', async () => {
    await writeFile(join(folder, 'bad.yaml'), RULES.replace('otel_metrics_gauge', 'otel_metrics_gauges'));
    const { code, complaints } = await run('check', 'shop.yaml', 'bad.yaml');
    expect(complaints).toMatch(/^bad\.yaml: group shop, HighQueue: .*otel_metrics_gauges/);
    expect(code).toBe(1);
  });

  test('names the chart that cannot be drawn', async () => {
    const chart = (sql: string) =>
      RULES.replace(/( +)- alert: HighQueue\n/, (line, gap: string) => `${line}${gap}  chart: { sql: "${sql}" }\n`);
    await writeFile(join(folder, 'chart.yaml'), chart('SELECT {now:DateTime64(9)} AS time, 1 AS value'));
    expect(await run('check', 'chart.yaml')).toMatchObject({ code: 0 });
    await writeFile(join(folder, 'chart.yaml'), chart('SELECT 1 AS value'));
    const { code, complaints } = await run('check', 'chart.yaml');
    expect(complaints).toMatch(/^chart\.yaml: group shop, HighQueue: chart: .*time/);
    expect(code).toBe(1);
  });

  test('names the query of a template that cannot be asked', async () => {
    const summary = `{{ query "SELECT 1 FROM otel_nothing" }}`;
    const rules = RULES.replace(
      /( +)- alert: HighQueue\n/,
      (line, gap: string) => `${line}${gap}  labels: { x: '${summary}' }\n`,
    );
    await writeFile(join(folder, 'asking.yaml'), rules.replace(/^ +labels: \{ severity.*\n/m, ''));
    const { code, complaints } = await run('check', 'asking.yaml');
    expect(complaints).toMatch(/^asking\.yaml: group shop, HighQueue: x: query: .*otel_nothing/);
    expect(code).toBe(1);
  });

  test('a file that is none is a mistake, with file and line', async () => {
    await writeFile(join(folder, 'worse.yaml'), RULES.replace('alert:', 'alrt:'));
    const { code, complaints } = await run('check', 'worse.yaml');
    expect(complaints).toMatch(/worse\.yaml:6/);
    expect(code).toBe(2);
  });
});

describe('tocsin rules backtest', () => {
  test('says when a rule would have fired, for how long, and which messages that is', async () => {
    const client = clickhouse.client();
    await client.command({ query: 'TRUNCATE TABLE otel_metrics_gauge' });
    const fromMs = NOW_MS - 3_600_000;
    // Above the limit from 10 to 20 minutes after the start, and from 50 minutes on.
    const values = Array.from({ length: 120 }, (_, at) => ({
      MetricName: 'shop.queue',
      Attributes: { queue: 'mail' },
      TimeUnix: new Date(fromMs + at * 30_000).toISOString(),
      Value: (at >= 20 && at < 40) || at >= 100 ? 500 : 1,
    }));
    await client.insert({
      table: 'otel_metrics_gauge',
      values,
      format: 'JSONEachRow',
      clickhouse_settings: { date_time_input_format: 'best_effort' },
    });
    await writeFile(
      join(folder, 'tocsin.yaml'),
      `clickhouse: { url: '${clickhouse.url}' }
rule_files: [shop.yaml]
alerting:
  route: { receiver: team, group_wait: 10s, group_interval: 1m }
  receivers: [{ name: team, slack_configs: [{ api_url: 'http://127.0.0.1:9/hook' }] }]
`,
    );
    const { code, out, progress } = await run('backtest', '--from', '1h', '--json');
    const found = JSON.parse(out) as {
      evaluations: number;
      rules: { name: string; fired: { labels: object; from: string; to?: string }[] }[];
      messages: { channel: string; status: string; at: string }[];
    };
    expect(code).toBe(0);
    expect(found.evaluations).toBe(120);
    const [rule] = found.rules;
    const minutes = (time: string | undefined): number => (Date.parse(time ?? '') - fromMs) / 60_000;
    expect(rule?.fired.map(({ labels }) => labels)).toEqual([
      { queue: 'mail', severity: 'page' },
      { queue: 'mail', severity: 'page' },
    ]);
    // `for: 1m` at evaluations of 30 s, whose phase is the group's own: up to one interval later.
    expect(minutes(rule?.fired[0]?.from) - 11).toBeGreaterThanOrEqual(0);
    expect(minutes(rule?.fired[0]?.from) - 11).toBeLessThanOrEqual(0.5);
    expect(minutes(rule?.fired[0]?.to) - 20).toBeGreaterThanOrEqual(0);
    expect(minutes(rule?.fired[0]?.to) - 20).toBeLessThanOrEqual(0.5);
    expect(rule?.fired[1]?.to).toBeUndefined();
    expect(found.messages.map(({ channel, status }) => `${channel} ${status}`)).toEqual([
      'team/slack/0 firing',
      'team/slack/0 resolved',
      'team/slack/0 firing',
    ]);
    expect(progress.at(-1)).toBe('120 of 120 evaluations');

    const people = await run('backtest', '--from', '1h');
    expect(people.out).toContain('HighQueue: would have fired 2 times');
    expect(people.out).toContain('team/slack/0: 3 (2 about trouble, 1 that it is over)');
  });

  test('plays and checks the rules that SLOs make, those of the configuration and those of rule files', async () => {
    const slos = `slos: [{ name: checkout, target: 99.9%, window: 30d, spans: { service: shop } }]\n`;
    await writeFile(join(folder, 'slo.yaml'), slos);
    await writeFile(
      join(folder, 'with-slo.yaml'),
      `clickhouse: { url: '${clickhouse.url}' }\nrule_files: [shop.yaml]\n${slos}`,
    );
    expect((await run('check', 'slo.yaml')).out).toMatch(/^2 rules in 2 groups .*all of them run/);
    expect((await run('check', '--config', 'with-slo.yaml')).out).toMatch(/^3 rules in 3 groups .*all of them run/);
    const played = await run('backtest', '--config', 'with-slo.yaml', '--from', '10m', '--rule', 'ErrorBudgetBurn');
    expect(played.complaints).toBe('');
    expect(played.out).toContain('ErrorBudgetBurn');
    expect((await run('backtest', 'slo.yaml', '--from', '10m')).out).toContain('ErrorBudgetBurn');
  });

  test('a rule nobody has, and a query that fails, are told', async () => {
    expect(await run('backtest', '--rule', 'Nothing')).toMatchObject({
      code: 2,
      complaints: expect.stringContaining('found Nothing'),
    });
    const { code, out } = await run('backtest', 'bad.yaml', '--from', '2m');
    expect(out).toMatch(/HighQueue: would not have fired\n {2}could not be evaluated 4 times: /);
    expect(code).toBe(1);
  });
});
