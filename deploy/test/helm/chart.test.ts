import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import * as core from 'kubernetes-models/v1';
import * as apps from 'kubernetes-models/apps/v1';
import * as autoscaling from 'kubernetes-models/autoscaling/v2';
import * as networking from 'kubernetes-models/networking.k8s.io/v1';
import * as policy from 'kubernetes-models/policy/v1';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { mergeValues, renderChart, type Resource } from './render.ts';

const CHART = join(import.meta.dirname, '../../helm/tocsin');
const read = (path: string): unknown => parse(readFileSync(join(CHART, path), 'utf8'));
const valuesOf = (mode: string) => read(`ci/${mode}.yaml`) as Record<string, unknown>;
const MODES = readdirSync(join(CHART, 'ci')).map((file) => file.replace('.yaml', ''));
const render = (mode: string, more: object = {}) => renderChart(CHART, 't', mergeValues(valuesOf(mode), { ...more }));
const API: Readonly<Record<string, object>> = {
  v1: core,
  'apps/v1': apps,
  'autoscaling/v2': autoscaling,
  'networking.k8s.io/v1': networking,
  'policy/v1': policy,
};
/** Of the operator, whose schemas no package has. */
const CUSTOM = ['ClickHouseInstallation', 'ClickHouseKeeperInstallation'];
const validateValues = new Ajv({ strict: false, allErrors: true }).compile(read('values.schema.json') as object);

/** What the API server's schema says of a document. */
function problemOf(resource: Resource): string | undefined {
  const models = API[resource.apiVersion] as Readonly<Record<string, new (data: object) => { validate(): void }>>;
  try {
    new models[resource.kind]!(resource).validate();
    return undefined;
  } catch (error) {
    return `${resource.kind}/${resource.metadata.name}: ${String(error)}`;
  }
}

const of = (resources: readonly Resource[], kind: string, end: string) =>
  resources.find((one) => one.kind === kind && one.metadata.name.endsWith(end));
const templateOf = ({ spec }: Resource) => (spec?.template ? [spec.template] : []);

/** The labels by which a document chooses pods. */
function selectorOf({ kind, spec }: Resource) {
  if (kind === 'Service') return spec?.selector;
  if (kind === 'NetworkPolicy') return spec?.podSelector?.matchLabels;
  return kind === 'PodDisruptionBudget' ? spec?.selector?.matchLabels : undefined;
}

describe.each(MODES)('the chart with ci/%s.yaml', (mode) => {
  const resources = render(mode);

  test('has values that its schema takes', () => {
    const values = mergeValues(read('values.yaml') as Record<string, unknown>, valuesOf(mode));
    expect([validateValues(values), validateValues.errors]).toEqual([true, null]);
  });

  test("is good by the schemas of Kubernetes's API", () => {
    expect(resources.length).toBeGreaterThan(2);
    const known = resources.filter(({ kind }) => !CUSTOM.includes(kind));
    expect(known.map(problemOf).filter((problem) => problem !== undefined)).toEqual([]);
    const broken = { ...of(resources, 'StatefulSet', '')!, spec: { replicas: 2 } };
    expect(problemOf(broken)).toContain('selector');
  });

  test('names each thing once, and refers only to what is there or is given', () => {
    const names = resources.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
    const text = JSON.stringify(resources);
    const secrets = new Set([...text.matchAll(/"secretKeyRef":\{"name":"([^"]+)"/g)].map(([, name]) => name));
    const given = (valuesOf(mode)['secret'] as { existing?: string }).existing;
    expect([...secrets]).toEqual([given ?? 't-tocsin']);
    expect(names).toContain('ConfigMap/t-tocsin');
  });

  test('selects with every policy, budget, service and scaler something that runs', () => {
    const pods = resources.flatMap(templateOf).map(({ metadata }) => metadata.labels);
    const isSelected = (selector: object) =>
      pods.some((labels) => Object.entries(selector).every(([key, value]) => labels[key] === value));
    const choosing = resources.flatMap((one) => {
      const selector = selectorOf(one);
      return selector ? [[`${one.kind}/${one.metadata.name}`, selector] as const] : [];
    });
    // Checkers have no policy where policies are off, but a service in any case.
    expect(choosing.length).toBeGreaterThan(0);
    expect(choosing.filter(([, selector]) => !isSelected(selector))).toEqual([]);
  });

  test('runs all of ours without root, capabilities and a writable root, with probes and requests', () => {
    for (const { spec } of resources.flatMap(templateOf)) {
      const { securityContext, containers, automountServiceAccountToken } = spec;
      expect([securityContext.runAsNonRoot, automountServiceAccountToken]).toEqual([true, false]);
      for (const {
        securityContext: own,
        livenessProbe,
        readinessProbe,
        startupProbe,
        resources: amounts,
      } of containers) {
        expect(own).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        const ports = [livenessProbe, readinessProbe, startupProbe].map(({ httpGet }) => httpGet.port);
        expect(ports).toEqual(['http', 'http', 'http']);
        expect(Object.keys(amounts.requests).toSorted()).toEqual(['cpu', 'memory']);
      }
    }
  });
});

test('what the values must not be is refused by their schema', () => {
  const base = read('values.yaml') as Record<string, unknown>;
  const good = mergeValues(base, valuesOf('external'));
  const wrong: readonly Record<string, unknown>[] = [
    { colector: {} },
    { config: { clickhouse: {} } },
    { clickhouse: { mode: 'embedded' } },
    { clickhouse: { external: { urls: [] } } },
    { collector: { enabled: false } },
    { collector: { resources: { requests: { memory: 'much' } } } },
    { checkers: { 'Frankfurt am Main': {} } },
    { secret: { internalKey: 'short' } },
  ];
  expect(validateValues(good)).toBe(true);
  for (const one of wrong) expect([one, validateValues(mergeValues(good, one))]).toEqual([one, false]);
});

test('collectors keep a journal each and scale between bounds; alerting is one; each location has one checker', () => {
  const resources = render('external');
  const collector = of(resources, 'StatefulSet', '-collector')!.spec!;
  expect(collector.replicas).toBeUndefined();
  expect(collector.volumeClaimTemplates).toMatchObject([{ spec: { resources: { requests: { storage: '10Gi' } } } }]);
  expect(of(resources, 'HorizontalPodAutoscaler', '-collector')!.spec).toMatchObject({
    minReplicas: 2,
    maxReplicas: 10,
  });
  expect(of(resources, 'StatefulSet', '-alerting')!.spec!.replicas).toBe(1);
  expect(of(resources, 'StatefulSet', '-checker-singapore')!.spec!.template!.spec).toMatchObject({
    nodeSelector: { 'topology.kubernetes.io/region': 'ap-southeast-1' },
    tolerations: [{ key: 'probes', operator: 'Exists' }],
  });
  expect(of(render('operator'), 'StatefulSet', '-collector')!.spec!.replicas).toBe(3);
  expect(of(render('operator'), 'HorizontalPodAutoscaler', '')).toBeUndefined();
});

test('a missing secret is said by its name', () => {
  expect(() => render('operator', { secret: { internalKey: '' } })).toThrow(
    'secret.internalKey (32 characters or more)',
  );
});

test('the operator makes the servers that the collectors are told of, each shard and replica', () => {
  const resources = render('operator');
  const installation = of(resources, 'ClickHouseInstallation', 't-tocsin')!;
  expect(installation.spec!.configuration!.clusters).toMatchObject([
    { name: 'main', layout: { shardsCount: 2, replicasCount: 2 } },
  ]);
  const { clickhouse } = parse(of(resources, 'ConfigMap', '')!.data!['tocsin.yaml']!) as { clickhouse: object };
  const hosts = ['0-0', '0-1', '1-0', '1-1'].map((host) => `http://chi-t-tocsin-main-${host}:8123`);
  expect(clickhouse).toMatchObject({ url: hosts, cluster: 'main' });
});
