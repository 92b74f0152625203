import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@tocsin/service/config';
import { afterAll, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { renderChart, type Resource } from './render.ts';

const ROOT = join(import.meta.dirname, '../../..');
const CHART = join(ROOT, 'deploy/helm/tocsin');
const MODES = readdirSync(join(CHART, 'ci')).map((file) => file.replace('.yaml', ''));
const HELM = process.env['TOCSIN_HELM'] ?? 'helm';
const hasHelm = spawnSync(HELM, ['version']).status === 0;
const NO_HELM =
  'helm is not on this machine (its binary, or TOCSIN_HELM); the chart was rendered by the renderer of these tests';
const folder = mkdtempSync(join(tmpdir(), 'tocsin-chart-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const valuesOf = (mode: string) =>
  parse(readFileSync(join(CHART, 'ci', `${mode}.yaml`), 'utf8')) as Record<string, unknown>;
const render = (mode: string) => renderChart(CHART, 't', valuesOf(mode));
const byName = (resources: readonly Resource[]) =>
  new Map(
    resources.map((one) => [`${one.kind}/${one.metadata.name}`, one] as const).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );

describe.each(MODES)('the chart with ci/%s.yaml', (mode) => {
  test('has a configuration that Tocsin takes, under the environment of each of its containers', async () => {
    const resources = render(mode);
    const { data = {} } = resources.find(({ kind }) => kind === 'ConfigMap')!;
    for (const [name, text] of Object.entries(data)) writeFileSync(join(folder, name), text);
    const containers = resources.flatMap(({ spec }) => spec?.template?.spec.containers ?? []);
    for (const { name, env } of containers) {
      const filled = Object.fromEntries(env.map((one) => [one.name, one.value ?? 'https://x.example.com']));
      const config = await loadConfig({ file: join(folder, 'tocsin.yaml'), env: filled, workingDir: folder });
      expect([name, config.alerting.hosts]).toEqual([name, ['t-tocsin-alerting']]);
    }
    expect(containers.length).toBeGreaterThan(0);
  });

  test('is what helm makes of it', ({ skip }) => {
    if (!hasHelm) skip(NO_HELM);
    const args = ['template', 't', CHART, '--kube-version', '1.32', '--values', join(CHART, 'ci', `${mode}.yaml`)];
    const documents = parseAllDocuments(execFileSync(HELM, args, { encoding: 'utf8' }));
    const made = documents.map((document) => document.toJS() as Resource | null).filter((one) => one !== null);
    expect([...byName(made)].map(([name, one]) => [name, withParsedConfig(one)])).toEqual(
      [...byName(render(mode))].map(([name, one]) => [name, withParsedConfig(one)]),
    );
  });
});

test('helm finds nothing to complain of', ({ skip }) => {
  if (!hasHelm) skip(NO_HELM);
  const { status, stdout } = spawnSync(HELM, ['lint', '--strict', CHART, '--values', join(CHART, 'ci/external.yaml')], {
    encoding: 'utf8',
  });
  expect([status, stdout]).toEqual([0, expect.stringContaining('0 chart(s) failed')]);
});

test("has no field that Kubernetes's API does not know", () => {
  const kinds = {
    v1: 'v1',
    'apps/v1': 'apps/v1',
    'autoscaling/v2': 'autoscaling/v2',
    'networking.k8s.io/v1': 'networking.k8s.io/v1',
    'policy/v1': 'policy/v1',
  };
  const resources = MODES.flatMap(render).filter(({ apiVersion }) => apiVersion in kinds);
  const literal = (one: Resource, at: number) =>
    `export const r${at}: import('kubernetes-models/${one.apiVersion}').I${one.kind} = ${JSON.stringify(one)};\n`;
  const check = (text: string) => {
    writeFileSync(join(folder, 'resources.ts'), text);
    return spawnSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', folder], { encoding: 'utf8' });
  };
  const paths = { 'kubernetes-models/*': [join(ROOT, 'deploy/node_modules/kubernetes-models/*')] };
  const compilerOptions = {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    module: 'esnext',
    moduleResolution: 'bundler',
    types: [],
    paths,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['resources.ts'] }));
  expect(check(resources.map(literal).join(''))).toMatchObject({ status: 0, stdout: '' });
  const unknown = { ...resources[0]!, metadata: { name: 'x', lables: {} } };
  expect(check(literal(unknown as Resource, 0)).stdout).toContain('"lables"');
});

/** The order of keys in a text is no difference. */
function withParsedConfig(one: Resource): unknown {
  const { data } = one;
  return data?.['tocsin.yaml']
    ? { ...one, data: { ...data, 'tocsin.yaml': parse(data['tocsin.yaml']) as unknown } }
    : one;
}
