import { randomFillSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';

/**
 * The workload: requests of 500 spans, eight a trace, ids and times unique, ten attributes a span, five of the
 * resource, one span in ten with an event of two attributes, one in fifty failed.
 */
export const SPANS_PER_REQUEST = 500;

const SPANS_PER_TRACE = 8;
/** Stands for every time until `refresh` writes the real one. */
const TIME_MARK_NS = 1_763_839_440_123_456_789n;
const source = readFileSync(new URL('../test/otlp/otlp.proto', import.meta.url), 'utf8');
const Request = protobuf.parse(source, { keepCase: true }).root.lookupType('otlp.TracesRequest');

/** A request whose ids and times can be written anew in place. */
export interface Template {
  readonly body: Buffer;
  /** Offsets of each trace's id at its spans. */
  readonly traces: readonly (readonly number[])[];
  readonly spans: readonly { readonly id: number; readonly parent: number | undefined; readonly times: number }[];
}

function text(key: string, value: string): object {
  return { key, value: { string_value: value } };
}

function attributes(index: number): readonly object[] {
  return [
    text('http.request.method', index % 4 === 0 ? 'POST' : 'GET'),
    text('url.path', `/api/items/${(index * 7919) % 100_000}`),
    { key: 'http.response.status_code', value: { int_value: index % 50 === 0 ? '500' : '200' } },
    text('http.route', '/api/items/:id'),
    text('server.address', 'shop.example.com'),
    { key: 'server.port', value: { int_value: '443' } },
    text('user_agent.original', 'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/145.0'),
    text('network.protocol.version', '1.1'),
    text('client.address', `10.0.${index % 256}.${(index * 31) % 256}`),
    text('enduser.id', `u${(index * 104_729) % 1_000_000}`),
  ];
}

function event(index: number): object {
  const attributesOfEvent = [text('exception.type', 'Error'), text('exception.message', `no item ${index}`)];
  return { time_unix_nano: String(TIME_MARK_NS), name: 'exception', attributes: attributesOfEvent };
}

/** Makes a template. @param seed templates of different seeds differ in more than ids and times */
export function makeTemplate(seed: number): Template {
  const marks = randomFillSync(Buffer.alloc(SPANS_PER_REQUEST * 24));
  const mark = (index: number, from: number, length: number): Buffer =>
    marks.subarray(index * 24 + from, index * 24 + from + length);
  const spans = Array.from({ length: SPANS_PER_REQUEST }, (_, index) => {
    const first = index - (index % SPANS_PER_TRACE);
    const traceId = Buffer.concat([mark(first, 8, 16)]);
    return {
      trace_id: traceId,
      span_id: mark(index, 0, 8),
      ...(index === first ? {} : { parent_span_id: mark(first, 0, 8) }),
      name: `GET /api/${(index + seed) % 40}`,
      kind: (index % 5) + 1,
      start_time_unix_nano: String(TIME_MARK_NS),
      end_time_unix_nano: String(TIME_MARK_NS),
      attributes: attributes(index + seed),
      events: index % 10 === 0 ? [event(index)] : [],
      status: { code: index % 50 === 0 ? 2 : 0 },
    };
  });
  const resource = {
    attributes: [
      text('service.name', `shop-${seed % 5}`),
      text('service.version', '1.2.3'),
      text('host.name', 'host-1'),
      text('k8s.pod.name', `shop-${seed % 7}`),
      text('telemetry.sdk.language', 'nodejs'),
    ],
  };
  const scope = { name: '@opentelemetry/instrumentation-http', version: '0.301.0' };
  const message = { resource_spans: [{ resource, scope_spans: [{ scope, spans }] }] };
  const body = Buffer.from(Request.encode(Request.fromObject(message)).finish());
  return { body, ...findPlaces(body, spans) };
}

interface MarkedSpan {
  readonly trace_id: Buffer;
  readonly span_id: Buffer;
  readonly parent_span_id?: Buffer;
}

/** Spans lie in the body in their order: trace id, span id, parent, then the two times, a tag of one byte between them. */
function findPlaces(body: Buffer, spans: readonly MarkedSpan[]): Omit<Template, 'body'> {
  const traces: number[][] = [];
  const places: { id: number; parent: number | undefined; times: number }[] = [];
  const timeMark = Buffer.alloc(8);
  timeMark.writeBigUInt64LE(TIME_MARK_NS);
  let offset = 0;
  for (const [index, span] of spans.entries()) {
    const traceAt = body.indexOf(span.trace_id, offset);
    const id = body.indexOf(span.span_id, traceAt);
    const parent = span.parent_span_id && body.indexOf(span.parent_span_id, id);
    const times = body.indexOf(timeMark, id);
    if (index % SPANS_PER_TRACE === 0) traces.push([]);
    traces.at(-1)?.push(traceAt);
    places.push({ id, parent, times });
    offset = id;
  }
  return { traces, spans: places };
}

/** Writes new ids and times into a template's body. @param nowNs nanoseconds since the epoch */
export function refresh({ body, traces, spans }: Template, nowNs: bigint): Buffer {
  const random = randomFillSync(Buffer.allocUnsafe(traces.length * 16 + spans.length * 8));
  for (const [index, places] of traces.entries()) {
    for (const at of places) random.copy(body, at, index * 16, index * 16 + 16);
  }
  const ids = traces.length * 16;
  for (const [index, { id, parent, times }] of spans.entries()) {
    random.copy(body, id, ids + index * 8, ids + index * 8 + 8);
    const first = index - (index % SPANS_PER_TRACE);
    if (parent !== undefined) random.copy(body, parent, ids + first * 8, ids + first * 8 + 8);
    const startNs = nowNs + BigInt(index) * 1_000n;
    body.writeBigUInt64LE(startNs, times);
    body.writeBigUInt64LE(startNs + BigInt(random[index] ?? 0) * 400_000n, times + 9);
  }
  return body;
}
