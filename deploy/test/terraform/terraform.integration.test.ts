import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@tocsin/service/config';
import { Ajv } from 'ajv';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { mergeValues, renderChart } from '../helm/render.ts';

const MODULE = join(import.meta.dirname, '../../terraform');
const CHART = join(import.meta.dirname, '../../helm/tocsin');
const TERRAFORM = ['terraform', 'tofu'].find((name) => spawnSync(name, ['version']).status === 0);
const NO_TERRAFORM = 'neither terraform nor tofu is on this machine';
const read = (path: string): string => readFileSync(path, 'utf8');

test('the module is formatted', ({ skip }) => {
  if (!TERRAFORM) return skip(NO_TERRAFORM);
  const { status, stdout } = spawnSync(TERRAFORM, ['fmt', '-check', '-recursive', MODULE], { encoding: 'utf8' });
  expect([status, stdout]).toEqual([0, '']);
});

test("what the example tells the chart is good by the chart's schema, and becomes a configuration that Tocsin takes", async ({
  skip,
}) => {
  if (!TERRAFORM) return skip(NO_TERRAFORM);
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-terraform-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  // Without what needs a provider: those come from a registry of their own, not from npm.
  for (const file of ['variables.tf', 'values.tf']) copyFileSync(join(MODULE, file), join(folder, file));
  writeFileSync(join(folder, 'output.tf'), 'output "values" { value = local.chart_values }\n');
  const example = join(MODULE, 'example');
  const variables = {
    image: { repository: 'registry.example.com/tocsin', tag: '0.1.0' },
    configuration_file: join(example, 'tocsin.yaml'),
    rule_files: [join(example, 'web.yaml')],
    secrets: { SLACK_WEBHOOK_URL: 'https://hooks.example.com/x' },
    locations: { frankfurt: { 'topology.kubernetes.io/region': 'eu-central-1' } },
  };
  writeFileSync(join(folder, 'terraform.tfvars.json'), JSON.stringify(variables));
  const run = (...args: string[]) => execFileSync(TERRAFORM, args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
  run('init', '-input=false');
  run('apply', '-input=false', '-auto-approve');
  const values = JSON.parse(run('output', '-json', 'values')) as Record<string, unknown>;

  const all = mergeValues(parse(read(join(CHART, 'values.yaml'))) as Record<string, unknown>, values);
  const validate = new Ajv({ strict: false }).compile(JSON.parse(read(join(CHART, 'values.schema.json'))) as object);
  expect([validate(all), validate.errors]).toEqual([true, null]);
  const resources = renderChart(CHART, 'tocsin', values);
  expect(resources.map(({ kind }) => kind)).toContain('ClickHouseInstallation');
  expect(resources.map(({ kind }) => kind)).not.toContain('Secret');
  const { data = {} } = resources.find(({ kind }) => kind === 'ConfigMap')!;
  for (const [name, text] of Object.entries(data)) writeFileSync(join(folder, name), text);
  const config = await loadConfig({ file: join(folder, 'tocsin.yaml'), env: variables.secrets, workingDir: folder });
  expect(config.monitors.map(({ name }) => name)).toEqual(['shop']);
  expect(config.alerting.receivers.map(({ name }) => name)).toEqual(['team']);
  expect(config.ruleGroups.map(({ name }) => name)).toContain('web');
});

test('every variable says what it is for, and the example gives what has no default', () => {
  const files = readdirSync(MODULE).filter((name) => name.endsWith('.tf'));
  const text = files.map((name) => read(join(MODULE, name))).join('\n');
  const blocks = [...text.matchAll(/^variable "(\w+)" \{\n([\s\S]*?)^\}/gm)];
  expect(blocks.length).toBeGreaterThan(5);
  const example = read(join(MODULE, 'example/main.tf'));
  for (const [, name = '', body = ''] of blocks) {
    expect([name, body]).toEqual([name, expect.stringContaining('description = "')]);
    expect([name, body.includes('default') || new RegExp(`^  ${name} +=`, 'm').test(example)]).toEqual([name, true]);
    expect([name, new RegExp(`var\\.${name}\\b`).test(text)]).toEqual([name, true]);
  }
});
