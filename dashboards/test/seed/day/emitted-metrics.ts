import { readdir, readFile } from 'node:fs/promises';

/** A metric that Tocsin's code sends. */
export interface EmittedMetric {
  readonly name: string;
  readonly kind: 'gauge' | 'sum' | 'histogram';
  /** Only rises. */
  readonly isCounter: boolean;
  /** As a point has it: `tocsin-collector`; several for what every process sends. */
  readonly services: readonly string[];
}

const ROOT = new URL('../../../../', import.meta.url);
const PACKAGES = ['alerting', 'checker', 'collector', 'dashboards', 'deploy', 'service'];
const SERVICES = ['tocsin-alerting', 'tocsin-checker', 'tocsin-clickhouse', 'tocsin-collector', 'tocsin-dashboards'];
const MAKER = String.raw`create(?:Observable)?(Counter|UpDownCounter|Gauge|Histogram)`;

/** The instruments in the sources of all packages, and the points that the checker writes by itself. Sorted by name. */
export async function readEmittedMetrics(): Promise<readonly EmittedMetric[]> {
  const found = new Map<string, EmittedMetric>();
  for (const owner of PACKAGES) {
    const folder = new URL(`${owner}/src/`, ROOT);
    const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.ts'));
    for (const file of files) {
      const text = await readFile(new URL(file, folder), 'utf8');
      for (const [name, maker] of instrumentsOf(text)) found.set(name, describe(name, maker, owner));
      if (file.endsWith('encode-points.ts')) for (const name of pointsOf(text)) found.set(name, describePoint(name));
    }
  }
  return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Made by name, or by a little function that puts a beginning before the name. */
function instrumentsOf(text: string): [name: string, maker: string][] {
  const direct = [...text.matchAll(new RegExp(String.raw`${MAKER}\(\s*'([a-z0-9_.]+)'`, 'g'))];
  const makers = text.matchAll(
    new RegExp(String.raw`const (\w+) = \(name: string[^{]*?${MAKER}\(\s*\`([a-z0-9_.]+)\$\{name\}\``, 'g'),
  );
  const prefixed = [...makers].flatMap(([, variable = '', maker = '', prefix = '']) =>
    [...text.matchAll(new RegExp(String.raw`\b${variable}\(\s*'([a-z0-9_.]+)'`, 'g'))].map(
      ([, name = '']): [string, string] => [prefix + name, maker],
    ),
  );
  return [...direct.map(([, maker = '', name = '']): [string, string] => [name, maker]), ...prefixed];
}

function describe(name: string, maker: string, owner: string): EmittedMetric {
  const kind = maker === 'Gauge' ? 'gauge' : maker === 'Histogram' ? 'histogram' : 'sum';
  const service = owner === 'deploy' ? 'tocsin-clickhouse' : `tocsin-${owner}`;
  return { name, kind, isCounter: maker === 'Counter', services: owner === 'service' ? SERVICES : [service] };
}

function pointsOf(text: string): string[] {
  return [...text.matchAll(/^ {2}'(tocsin\.[a-z_.]+)': '/gm)].map(([, name = '']) => name);
}

/** One of the checker's points is a sum of deltas; the others are gauges. Source: docs/architecture.md, "What a probe run looks like". */
function describePoint(name: string): EmittedMetric {
  return { name, kind: name === 'tocsin.probe.runs' ? 'sum' : 'gauge', isCounter: false, services: ['tocsin-checker'] };
}
