import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { runDiffCommand } from '../../src/diff-command/command.ts';

const OLD = `
monitors:
  - { name: shop, http: 'https://shop.example.com/', interval: 30s }
  - { name: till, http: 'https://till.example.com/?token=hidden-one', interval: 1m }
rule_files: [rules.yaml]
alerting:
  global: { smtp_smarthost: 'mail.example.com:25', smtp_from: t@example.com }
  route:
    receiver: team
    routes: [{ receiver: night, matchers: ['severity="page"'] }]
  receivers:
    - { name: team, email_configs: [{ to: team@example.com }] }
    - { name: night, slack_configs: [{ api_url: 'https://hooks.example.com/hidden-two', channel: '#night' }] }
`;
const RULES = `
groups:
  - name: web
    rules:
      - { alert: Slow, sql: 'SELECT 1 AS value', severity: ticket }
      - { alert: Gone, sql: 'SELECT 1 AS value' }
`;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-diff-'));
  await place('old', OLD, RULES);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function place(name: string, config: string, rules: string): Promise<void> {
  await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, name, 'tocsin.yaml'), config);
  await writeFile(join(folder, name, 'rules.yaml'), rules);
}

async function diff(...args: string[]): Promise<{ code: number; out: string; complaint: string }> {
  let [out, complaint] = ['', ''];
  const code = await runDiffCommand({
    args,
    env: {},
    workingDir: folder,
    nowMs: Date.now(),
    out: (text) => void (out += text),
    complain: (text) => void (complaint += text),
    signal: new AbortController().signal,
  });
  return { code, out, complaint };
}

describe('tocsin diff', () => {
  test('two configurations that say the same do not differ, wherever they lie', async () => {
    await place('new', OLD, RULES);
    expect(await diff('old', 'new/tocsin.yaml', '--exit-code')).toEqual({
      code: 0,
      out: 'Nothing differs.\n',
      complaint: '',
    });
  });

  test('it names what is added, changed and removed, and whom that reaches', async () => {
    const config = OLD.replace('interval: 30s', 'interval: 10s')
      .replace(/ {2}- \{ name: till.*\n/, "  - { name: desk, http: 'https://desk.example.com/' }\n")
      .replace('routes: [{', 'routes: [{ receiver: team, matchers: [\'alertname="MonitorDown"\'] }, {');
    const rules = RULES.replace('severity: ticket', 'severity: page')
      .replace("sql: 'SELECT 1 AS value' }", "sql: 'SELECT 2 AS value' }")
      .replace('Gone', 'Lost');
    await place('new', config, rules);
    const { code, out } = await diff('old', 'new', '--exit-code');
    expect(code).toBe(3);
    expect(out.split('\n')).toEqual(
      expect.arrayContaining([
        'monitors:',
        '  + desk',
        '  ~ shop: schedule.intervalMs 30000 → 10000',
        '  - till',
        'rules:',
        '  + web/Lost',
        '  ~ web/Slow: labels.severity ticket → page',
        '  - web/Gone',
        'routes:',
        '  + {}/{alertname="MonitorDown"}',
        'rules whose alerts go elsewhere:',
        '  tocsin-monitors/MonitorDown: night → team',
        '  web/Slow: team → night',
        'whom new and changed rules reach:',
        '  web/Lost: team',
      ]),
    );
  });

  test('what may be a secret is named, and not shown', async () => {
    await place('new', OLD.replace('hidden-one', 'hidden-three').replace('hidden-two', 'hidden-four'), RULES);
    for (const format of ['--json', '--markdown']) {
      const { code, out } = await diff('old', 'new', format);
      expect(code).toBe(0);
      expect(out).toContain('till');
      expect(out).toContain('night');
      expect(out).not.toContain('hidden');
    }
  });

  test('a setting is named by its path', async () => {
    await place('new', `${OLD}collector: { retention: { traces: 3d } }\nshipped_rules: false\n`, RULES);
    const { out } = await diff('old', 'new', '--json');
    const found = JSON.parse(out) as { settings: unknown[]; sections: { section: string; removed: string[] }[] };
    expect(found.settings).toEqual([
      { field: 'collector.retention.tracesMs', from: '604800000', to: '259200000' },
      { field: 'shippedRules', from: 'true', to: 'false' },
    ]);
    expect(found.sections.find(({ section }) => section === 'rules')?.removed).toContain('tocsin-monitors/MonitorDown');
  });

  test('alerts that fire now are routed by all of their labels, and end with their rule', async () => {
    const alerts = [
      { labels: { alertname: 'Slow', service: 'shop' } },
      { labels: { alertname: 'Slow', service: 'till' } },
      { labels: { alertname: 'Gone' } },
    ];
    const asked: unknown[] = [];
    const server = createServer(({ url }, response) => {
      asked.push(url);
      response.statusCode = asked.length === 1 ? 200 : 401;
      response.end(JSON.stringify(alerts));
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await place(
      'new',
      OLD.replace('routes: [{', 'routes: [{ receiver: night, matchers: [\'service="shop"\'] }, {'),
      RULES.replace(/.*Gone.*\n/, ''),
    );
    const { out } = await diff('old', 'new', '--alerting', url, '--json');
    expect(asked).toEqual(['/api/v2/alerts']);
    expect((JSON.parse(out) as { paging: object }).paging).toMatchObject({
      firing: [{ what: 'Slow{service="shop"}', from: ['team'], to: ['night'] }],
      ending: ['Gone{}'],
    });
    expect(await diff('old', 'new', '--alerting', url)).toMatchObject({
      code: 1,
      complaint: `--alerting: ${url}/api/v2/alerts answers with 401, expected 200\n`,
    });
  });

  test('Markdown is fenced, whatever stands in it', async () => {
    await place('new', OLD.replace('name: shop, http', "name: 'x```y', http"), RULES);
    const { out } = await diff('old', 'new', '--markdown');
    expect(out).toContain('**Monitors: 1 added, 1 removed**\n\n````diff\n+ x```y\n- shop\n````');
  });

  test.each([
    [['old'], 'expected two configurations, OLD and NEW, found 1'],
    [['old', 'old', '--json', '--markdown'], 'expected --json or --markdown, found both'],
    [['old', 'old', '--from', '7d'], '--from and --data are for --backtest'],
    [['old', 'old', '--backtest', '--from', 'soon'], '--from: expected how long ago, such as 7d, found "soon"'],
    [['old', 'old', '--alerting', 'alerting'], '--alerting: expected a URL'],
    [['old', 'nowhere'], 'nowhere'],
  ])('%j is said to be wrong', async (args, expected) => {
    const { code, out, complaint } = await diff(...args);
    expect([code, out]).toEqual([2, '']);
    expect(complaint).toContain(expected);
  });
});
