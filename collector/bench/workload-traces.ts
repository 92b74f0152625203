import { ITEMS_PER_REQUEST, type Marks, resourceOf, text } from './marks.ts';

const SPANS_PER_TRACE = 8;

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

/** Spans: eight a trace, all ids unique, ten attributes, one in ten with an event of two attributes, one in fifty failed. */
export function traceRequest(marks: Marks, seed: number): object {
  let traceId = marks.id(16);
  let rootId = marks.id(8);
  const spans = Array.from({ length: ITEMS_PER_REQUEST }, (_, place) => {
    const index = place + seed;
    const isRoot = place % SPANS_PER_TRACE === 0;
    if (isRoot && place > 0) [traceId, rootId] = [marks.id(16), marks.id(8)];
    const startNs = marks.time();
    const event = [text('exception.type', 'Error'), text('exception.message', `no item ${index}`)];
    return {
      trace_id: traceId,
      span_id: isRoot ? rootId : marks.id(8),
      ...(isRoot ? {} : { parent_span_id: rootId }),
      name: `GET /api/${index % 40}`,
      kind: (place % 5) + 1,
      start_time_unix_nano: startNs,
      end_time_unix_nano: marks.time(),
      attributes: attributes(index),
      events: place % 10 === 0 ? [{ time_unix_nano: startNs, name: 'exception', attributes: event }] : [],
      status: { code: place % 50 === 0 ? 2 : 0 },
    };
  });
  const scope = { name: '@opentelemetry/instrumentation-http', version: '0.301.0' };
  return { resource_spans: [{ resource: resourceOf(seed), scope_spans: [{ scope, spans }] }] };
}
