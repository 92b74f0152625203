/** A field of a protobuf message: its name, how it is read, and whether it repeats. */
type Kind = 'string' | 'hex' | 'fixed64' | 'sfixed64' | 'double' | 'varint' | 'fixed32' | 'bool' | Schema;
type Schema = Readonly<Record<number, readonly [name: string, kind: Kind, repeated?: 'repeated']>>;
export type Decoded = Record<string, unknown>;

/** Source: opentelemetry-proto 1.x, `common.proto`, `resource.proto`, `trace.proto`, `metrics.proto`. */
const VALUE: Schema = { 1: ['string', 'string'], 2: ['bool', 'bool'], 3: ['int', 'varint'], 4: ['double', 'double'] };
const KEY_VALUE: Schema = { 1: ['key', 'string'], 2: ['value', VALUE] };
const RESOURCE: Schema = { 1: ['attributes', KEY_VALUE, 'repeated'] };
const SCOPE: Schema = { 1: ['name', 'string'], 2: ['version', 'string'] };
const STATUS: Schema = { 2: ['message', 'string'], 3: ['code', 'varint'] };
const SPAN: Schema = {
  1: ['traceId', 'hex'],
  2: ['spanId', 'hex'],
  4: ['parentSpanId', 'hex'],
  5: ['name', 'string'],
  6: ['kind', 'varint'],
  7: ['startNs', 'fixed64'],
  8: ['endNs', 'fixed64'],
  9: ['attributes', KEY_VALUE, 'repeated'],
  15: ['status', STATUS],
};
const SCOPE_SPANS: Schema = { 1: ['scope', SCOPE], 2: ['spans', SPAN, 'repeated'] };
const RESOURCE_SPANS: Schema = { 1: ['resource', RESOURCE], 2: ['scopes', SCOPE_SPANS, 'repeated'] };
const TRACES: Schema = { 1: ['resources', RESOURCE_SPANS, 'repeated'] };
const POINT: Schema = {
  2: ['startNs', 'fixed64'],
  3: ['timeNs', 'fixed64'],
  4: ['double', 'double'],
  6: ['int', 'sfixed64'],
  7: ['attributes', KEY_VALUE, 'repeated'],
};
const GAUGE: Schema = { 1: ['points', POINT, 'repeated'] };
const SUM: Schema = { 1: ['points', POINT, 'repeated'], 2: ['temporality', 'varint'], 3: ['monotonic', 'bool'] };
const METRIC: Schema = { 1: ['name', 'string'], 3: ['unit', 'string'], 5: ['gauge', GAUGE], 7: ['sum', SUM] };
const SCOPE_METRICS: Schema = { 1: ['scope', SCOPE], 2: ['metrics', METRIC, 'repeated'] };
const RESOURCE_METRICS: Schema = { 1: ['resource', RESOURCE], 2: ['scopes', SCOPE_METRICS, 'repeated'] };
const METRICS: Schema = { 1: ['resources', RESOURCE_METRICS, 'repeated'] };

export interface DecodedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Decoded;
  readonly status: Decoded;
  readonly resource: Decoded;
  readonly scope: string;
}

export interface DecodedPoint {
  readonly name: string;
  readonly unit: string;
  readonly type: 'gauge' | 'sum';
  /** 1 is delta; of a sum only. */
  readonly temporality: number | undefined;
  readonly monotonic: boolean | undefined;
  readonly value: number;
  readonly startMs: number;
  readonly timeMs: number;
  readonly attributes: Decoded;
  readonly resource: Decoded;
  readonly scope: string;
}

/** The spans of an `ExportTraceServiceRequest`, flat. */
export function decodeSpans(body: Uint8Array): DecodedSpan[] {
  return scopesOf(decode(body, TRACES)).flatMap(({ scope, resource, content }) =>
    list(content['spans']).map((span) => ({
      traceId: String(span['traceId']),
      spanId: String(span['spanId']),
      parentSpanId: (span['parentSpanId'] as string | undefined) ?? '',
      name: String(span['name']),
      kind: Number(span['kind']),
      startMs: toMs(span['startNs']),
      endMs: toMs(span['endNs']),
      attributes: attributesOf(span),
      status: (span['status'] ?? {}) as Decoded,
      resource,
      scope,
    })),
  );
}

/** The number data points of an `ExportMetricsServiceRequest`, flat; histograms are left out. */
export function decodePoints(body: Uint8Array): DecodedPoint[] {
  return scopesOf(decode(body, METRICS)).flatMap(({ scope, resource, content }) =>
    list(content['metrics']).flatMap((metric) => {
      const data = (metric['gauge'] ?? metric['sum']) as Decoded | undefined;
      if (!data) return [];
      return list(data['points']).map((point) => ({
        name: String(metric['name']),
        unit: String(metric['unit']),
        type: metric['gauge'] ? ('gauge' as const) : ('sum' as const),
        temporality: data['temporality'] as number | undefined,
        monotonic: data['monotonic'] as boolean | undefined,
        value: Number(point['double'] ?? point['int']),
        startMs: toMs(point['startNs']),
        timeMs: toMs(point['timeNs']),
        attributes: attributesOf(point),
        resource,
        scope,
      }));
    }),
  );
}

function scopesOf(message: Decoded): { scope: string; resource: Decoded; content: Decoded }[] {
  return list(message['resources']).flatMap((entry) =>
    list(entry['scopes']).map((content) => ({
      scope: String((content['scope'] as Decoded)['name']),
      resource: attributesOf(entry['resource'] as Decoded),
      content,
    })),
  );
}

function attributesOf(message: Decoded): Decoded {
  return Object.fromEntries(
    list(message['attributes']).map(({ key, value }) => [String(key), Object.values(value as Decoded)[0]]),
  );
}

function list(value: unknown): Decoded[] {
  return (value ?? []) as Decoded[];
}

function toMs(nanos: unknown): number {
  return Number((nanos as bigint) / 1_000n) / 1_000;
}

function decode(bytes: Uint8Array, schema: Schema): Decoded {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const message: Decoded = {};
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = buffer.readUInt8(at++);
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < buffer.length) {
    const tag = varint();
    const wire = tag & 7;
    const start = wire === 2 ? varint() + at : 0;
    const content = wire === 2 ? buffer.subarray(at, start) : buffer.subarray(at, at + (wire === 1 ? 8 : 4));
    const number = wire === 0 ? varint() : 0;
    if (wire !== 0) at += content.length;
    const field = schema[tag >>> 3];
    if (!field) continue;
    const [name, kind, repeated] = field;
    const value = read(kind, content, number);
    if (repeated) message[name] = [...((message[name] ?? []) as unknown[]), value];
    else message[name] = value;
  }
  return message;
}

function read(kind: Kind, content: Buffer, number: number): unknown {
  if (typeof kind === 'object') return decode(content, kind);
  switch (kind) {
    case 'string':
      return content.toString('utf8');
    case 'hex':
      return content.toString('hex');
    case 'fixed64':
      return content.readBigUInt64LE();
    case 'sfixed64':
      return Number(content.readBigInt64LE());
    case 'double':
      return content.readDoubleLE();
    case 'fixed32':
      return content.readUInt32LE();
    case 'bool':
      return number === 1;
    case 'varint':
      return number;
  }
}
