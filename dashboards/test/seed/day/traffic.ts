import { mapSql } from './points.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Traces of the day: four a minute. */
const TRACES = 5_760;

/** Which runtime each service runs on. */
export const LANGUAGES = { shop: 'nodejs', pay: 'java', catalog: 'go', mailer: 'python' } as const;
export const DAY_SERVICES = Object.keys(LANGUAGES) as readonly (keyof typeof LANGUAGES)[];

/** Who runs: one instance each; `shop` and `pay` are deployed anew on the day. */
export function resourceOf(service: keyof typeof LANGUAGES, version: string): Record<string, string> {
  return {
    'service.name': service,
    'service.version': version,
    'service.instance.id': `${service}-7f9c`,
    'deployment.environment.name': 'production',
    'host.name': 'node-1',
    'telemetry.sdk.language': LANGUAGES[service],
  };
}

/** Versions before and after, and how long before the end of the day the new one came. */
const DEPLOYMENTS: Readonly<Record<keyof typeof LANGUAGES, readonly [before: string, after: string, agoMs: number]>> = {
  shop: ['1.3.2', '1.4.0', 6 * HOUR_MS],
  pay: ['2.0.1', '2.1.0', 2 * HOUR_MS],
  catalog: ['0.9.0', '0.9.0', 0],
  mailer: ['3.3.0', '3.3.0', 0],
};

const resourceSql = (service: keyof typeof LANGUAGES, endMs: number): string => {
  const [before, after, agoMs] = DEPLOYMENTS[service];
  return `if(at < fromUnixTimestamp64Milli(toInt64(${endMs - agoMs})), ${mapSql(resourceOf(service, before))}, ${mapSql(resourceOf(service, after))})`;
};

interface Span {
  readonly service: keyof typeof LANGUAGES;
  readonly name: string;
  readonly kind: string;
  /** SQL; `n` is the trace's number. */
  readonly durationNs: string;
  readonly attributes: string;
  readonly fails: string;
  readonly where?: string;
}

/** A trace: the shop asks pay, which asks its database, and the catalog, which tells the mailer by a queue. */
const spansOf = (endMs: number): readonly Span[] => {
  const failing = `at > fromUnixTimestamp64Milli(toInt64(${endMs - 2 * HOUR_MS})) AND n % 5 = 0`;
  const http = (status: string): string =>
    `map('http.request.method', 'POST', 'http.response.status_code', ${status}, 'enduser.id', toString(n % 100))`;
  return [
    {
      service: 'shop',
      name: 'POST /checkout',
      kind: 'Server',
      durationNs: '80000000 + n % 900 * 100000',
      attributes: http(`if(${failing}, '500', '200')`),
      fails: failing,
      // The last hour has requests to the shop of its own.
      where: `at < fromUnixTimestamp64Milli(toInt64(${endMs - HOUR_MS}))`,
    },
    {
      service: 'shop',
      name: 'POST',
      kind: 'Client',
      durationNs: '60000000 + n % 900 * 90000',
      attributes: `map('server.address', 'pay.internal', 'server.port', '8080')`,
      fails: failing,
    },
    {
      service: 'pay',
      name: 'POST /charge',
      kind: 'Server',
      durationNs: '50000000 + n % 900 * 80000',
      attributes: http(`if(${failing}, '503', '200')`),
      fails: failing,
    },
    {
      service: 'pay',
      name: 'SELECT pay.accounts',
      kind: 'Client',
      durationNs: '4000000 + n % 70 * 100000',
      attributes: `map('db.system.name', 'postgresql', 'db.namespace', 'pay')`,
      fails: 'false',
    },
    {
      service: 'catalog',
      name: 'GET /items/{id}',
      kind: 'Server',
      durationNs: '900000 + n % 50 * 10000',
      attributes: http(`'200'`),
      fails: 'n % 300 = 0',
    },
    {
      service: 'catalog',
      name: 'orders publish',
      kind: 'Producer',
      durationNs: '300000',
      attributes: `map('messaging.system', 'kafka', 'messaging.destination.name', 'orders')`,
      fails: 'false',
    },
    {
      service: 'mailer',
      name: 'orders process',
      kind: 'Consumer',
      durationNs: '200000000 + n % 30 * 1000000',
      attributes: `map('messaging.system', 'kafka', 'messaging.destination.name', 'orders')`,
      fails: 'n % 100 = 0',
    },
  ];
};

const tracesOf = (endMs: number): string =>
  `(SELECT number AS n, fromUnixTimestamp64Milli(toInt64(${endMs - DAY_MS} + number * ${DAY_MS / TRACES} + 500)) AS at, lower(hex(sipHash128('day', n))) AS trace FROM numbers(${TRACES}))`;

/** The spans and log records of the day that ends at `endMs`, Unix ms, and who answers behind which name. */
export function trafficStatements(endMs: number): string[] {
  const idOf = (place: number): string => `leftPad(lower(hex(cityHash64('day', n, ${place}))), 16, '0')`;
  const spans = spansOf(endMs).map(
    ({ service, name, kind, durationNs, attributes, fails, where = 'true' }, place) => `INSERT INTO otel_traces
      (Timestamp, TraceId, SpanId, ParentSpanId, SpanName, SpanKind, ServiceName, ResourceAttributes, SpanAttributes, Duration, StatusCode, StatusMessage)
      SELECT at, trace, ${idOf(place)}, ${place === 0 ? "''" : idOf(place - 1)}, '${name}', '${kind}', '${service}', ${resourceSql(service, endMs)},
        ${attributes}, ${durationNs}, if(${fails}, 'Error', 'Unset'), if(${fails}, 'it did not work', '')
      FROM ${tracesOf(endMs)} WHERE ${where}`,
  );
  const logs = DAY_SERVICES.map(
    (service, place) => `INSERT INTO otel_logs
      (Timestamp, TraceId, SpanId, SeverityText, SeverityNumber, ServiceName, Body, ResourceAttributes, LogAttributes)
      SELECT at, trace, ${idOf(place)}, s.1, s.2, '${service}',
        concat(if(s.2 >= 13, 'order ', 'read cart '), toString(n), if(s.2 >= 13, ' failed after 3 tries', ' in 12 ms')), ${resourceSql(service, endMs)}, map('thread.name', 'main')
      FROM (SELECT *, multiIf(n % 200 = 0, ('FATAL', 21), n % 20 = 0, ('ERROR', 17), n % 10 = 0, ('WARN', 13), n % 3 = 0, ('DEBUG', 5), ('INFO', 9)) AS s FROM ${tracesOf(endMs)})`,
  );
  const peers = `INSERT INTO otel_service_peers (ServiceName, PeerType, Peer, PeerService, LastSeen) VALUES
    ('shop', 'address', 'pay.internal:8080', 'pay', toDateTime(${Math.floor(endMs / 1_000)})), ('catalog', 'messaging', 'kafka/orders', 'mailer', toDateTime(${Math.floor(endMs / 1_000)}))`;
  return [...spans, ...logs, peers];
}
