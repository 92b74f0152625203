import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  type ReadableLogRecord,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs';
import {
  AggregationTemporality,
  AggregationType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

/** Telemetry made by the real SDKs, for the serializers and exporters of the SDK to send. */
const resource = resourceFromAttributes({ 'service.name': 'shop', 'service.version': '1.2.3', 'host.cpus': 4 });

/** Two spans: a server span with events, link, status and every kind of attribute, and its child. */
export function makeSpans(): readonly ReadableSpan[] {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const tracer = provider.getTracer('shop', '0.1.0');
  const parent = tracer.startSpan('GET /basket/:id', {
    kind: SpanKind.SERVER,
    attributes: { 'http.route': '/basket/:id', 'http.response.status_code': 500, load: 0.25, cached: false },
    links: [
      {
        context: {
          traceId: '0af7651916cd43dd8448eb211c80319c',
          spanId: 'b7ad6b7169203331',
          traceFlags: TraceFlags.SAMPLED,
        },
      },
    ],
  });
  parent.addEvent('exception', { 'exception.message': 'Schlüssel fehlt 🔑' });
  const child = tracer.startSpan('SELECT', { kind: SpanKind.CLIENT }, trace.setSpan(ROOT_CONTEXT, parent));
  child.end();
  parent.setStatus({ code: SpanStatusCode.ERROR, message: 'no basket' });
  parent.end();
  return exporter.getFinishedSpans();
}

/** As `makeSpans`, with an array attribute: it takes the side door. */
export function makeComplexSpans(): readonly ReadableSpan[] {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  provider
    .getTracer('shop')
    .startSpan('list', { attributes: { tags: ['a', 'ü'], sizes: [1, 2.5] } })
    .end();
  return exporter.getFinishedSpans();
}

/** Three records: text body, map body, and one with severity and event name. */
export function makeLogs(): readonly ReadableLogRecord[] {
  const exporter = new InMemoryLogRecordExporter();
  const provider = new LoggerProvider({ resource, processors: [new SimpleLogRecordProcessor({ exporter })] });
  const logger = provider.getLogger('shop', '0.1.0');
  logger.emit({ severityNumber: 9, severityText: 'INFO', body: 'basket opened', attributes: { user: 'u1' } });
  logger.emit({ body: { code: 7, parts: ['a', null, true] } });
  logger.emit({ eventName: 'checkout', timestamp: new Date(1_700_000_000_000), attributes: { amount: 12.5 } });
  return exporter.getFinishedLogRecords();
}

/** A counter, an up-down counter, a gauge, a histogram and an exponential histogram: five points. */
export async function makeMetrics(): Promise<ResourceMetrics> {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({
    resource,
    readers: [reader],
    views: [{ instrumentName: 'sizes', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }],
  });
  const meter = provider.getMeter('shop');
  meter.createCounter('orders', { unit: '{order}' }).add(3, { 'payment.method': 'card' });
  meter.createUpDownCounter('baskets').add(-2);
  meter.createGauge('temperature', { unit: 'Cel' }).record(-1.5);
  meter.createHistogram('latency', { unit: 's' }).record(0.07, { route: '/' });
  const sizes = meter.createHistogram('sizes');
  for (const value of [0, 1, 2, 1000]) sizes.record(value);
  await reader.forceFlush();
  const [metrics] = exporter.getMetrics();
  await provider.shutdown();
  if (!metrics) throw new Error('the SDK collected no metrics');
  return metrics;
}
