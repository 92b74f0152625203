import type { EmittedMetric } from './emitted-metrics.ts';
import type { SeededMetric } from './points.ts';

/** Of the attributes that Tocsin's metrics have, one value each. */
const ATTRIBUTES = {
  signal: 'traces',
  transport: 'http',
  outcome: 'accepted',
  reason: 'none',
  table: 'otel_traces',
  disk: 'default',
  stream: 'traces',
  channel: 'email:ana-mail/0',
  schedule: 'primary',
  'tocsin.rule.group': 'tocsin-monitors',
  'tocsin.probe.outcome': 'up',
  'tocsin.clickhouse.lane': 'read',
  'tocsin.clickhouse.outcome': 'ok',
  'tocsin.query': 'services_seen',
  'http.response.status_code': '200',
} as const;

const USUAL: Readonly<Record<string, number>> = {
  'process.memory.usage': 120e6,
  'process.cpu.time': 1.2,
  'process.uptime': 90_000,
  'nodejs.eventloop.delay.p99': 0.021,
  'tocsin.collector.disk.free': 60e9,
  'tocsin.collector.disk.total': 250e9,
  'tocsin.collector.journal.size': 2e6,
  'tocsin.collector.journal.limit': 4e9,
  'tocsin.collector.journal.disk.free': 60e9,
  'tocsin.collector.load.lag': 1.4,
  'tocsin.collector.dead_letters.kept': 0,
  'tocsin.collector.retention.in_force': 2_592_000,
  'tocsin.alerting.slo.target': 0.999,
  'tocsin.alerting.slo.budget.remaining': 0.4,
  'tocsin.alerting.slo.good': 99_900,
  'tocsin.alerting.slo.total': 100_000,
};

const WINDOWS = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'];

/** What Tocsin sends of itself over a day: every metric that the code makes; of what has outcomes a refused and a failed one as well. */
export function ownMetrics(emitted: readonly EmittedMetric[]): SeededMetric[] {
  return emitted
    .filter(({ name }) => !/^tocsin\.(?:probe|monitor)\.|^tocsin\.checker\.blind$/.test(name))
    .flatMap(({ name, kind, isCounter, services }) =>
      services.flatMap((service) =>
        attributesOf(name).map((attributes) => ({
          service,
          resource: { 'service.version': '0.1.0', 'service.instance.id': `${service}-1` },
          name,
          kind,
          unit: '1',
          isCounter,
          usual: USUAL[name] ?? 1,
          attributes,
        })),
      ),
    );
}

function attributesOf(name: string): Readonly<Record<string, string>>[] {
  if (name.startsWith('tocsin.alerting.slo.')) {
    const slos = ['checkout', 'site'].map((slo) => ({ slo }));
    return name.endsWith('burn_rate') ? slos.flatMap((slo) => WINDOWS.map((window) => ({ ...slo, window }))) : slos;
  }
  if (/^(?:process|nodejs)\./.test(name)) return [{}];
  const others = [
    { outcome: 'refused', reason: 'journal_full' },
    { outcome: 'failed', reason: 'timeout' },
  ].map((outcome) => ({ ...ATTRIBUTES, ...outcome }));
  return /requests$|evaluations$|notifications$/.test(name) ? [ATTRIBUTES, ...others] : [ATTRIBUTES];
}
