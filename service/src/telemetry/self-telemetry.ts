import { context, diag, type DiagLogger, DiagLogLevel, metrics, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { isLoopbackUrl } from '../config/index.ts';
import type { Logger } from '../log/logger.ts';
import { internalHeaders } from './internal-key.ts';

/** The header by which the collector knows Tocsin's own telemetry: what it causes makes no further spans. */
export const SELF_HEADER = 'x-tocsin-self';

const METRIC_INTERVAL_MS = 10_000;
const EXPORT_TIMEOUT_MS = 5_000;
const SHUTDOWN_LIMIT_MS = 1_000;

/** The running SDK of one service. */
export interface SelfTelemetry {
  /** Sends what is buffered and ends; gives up after a second, for the collector may be gone already. */
  stop(): Promise<void>;
}

/** Who sends, and where to. */
export interface SelfTelemetryOptions {
  /** The package's name; becomes `service.name=tocsin-<name>`. */
  readonly name: string;
  readonly version: string;
  /** Tells apart several processes of the same service. */
  readonly instanceId: string;
  /** The collector's base URL. */
  readonly endpoint: string;
  /** Shown to the collector, which may want a key. */
  readonly internalKey?: string | undefined;
  readonly log: Logger;
}

/**
 * Starts the OpenTelemetry SDK of this process, sending its own traces and metrics to the collector. Nothing is
 * instrumented by itself: services make their spans and metrics through `@opentelemetry/api`. Endpoint and exporters
 * are set here and not taken from `OTEL_*` variables, which belong to the user's applications. The SDK's parts are put together
 * by hand: `sdk-node` loads every exporter there is, gRPC's too (docs/decisions/0016), and obeys some of those variables.
 */
export function startSelfTelemetry(options: SelfTelemetryOptions): SelfTelemetry {
  const { name, version, instanceId, endpoint, internalKey, log } = options;
  diag.setLogger(quietLogger(log), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  const headers = { [SELF_HEADER]: name, ...internalHeaders(internalKey) };
  // On loopback the collector's certificate is not for this name, and there is nobody between.
  const httpAgentOptions = isLoopbackUrl(endpoint)
    ? { keepAlive: true, rejectUnauthorized: false }
    : { keepAlive: true };
  const exporter = { headers, timeoutMillis: EXPORT_TIMEOUT_MS, httpAgentOptions };
  const resource = resourceFromAttributes({
    'service.name': `tocsin-${name}`,
    'service.version': version,
    'service.instance.id': instanceId,
  });
  const tracerProvider = new TracerProvider({
    resource,
    spanProcessors: [
      new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ ...exporter, url: `${endpoint}/v1/traces` }) }),
    ],
  });
  const meterProvider = new MeterProvider({
    resource,
    readers: [
      new PeriodicExportingMetricReader({
        exporter: new OTLPMetricExporter({ ...exporter, url: `${endpoint}/v1/metrics` }),
        exportIntervalMillis: METRIC_INTERVAL_MS,
        exportTimeoutMillis: EXPORT_TIMEOUT_MS,
      }),
    ],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(tracerProvider);
  metrics.setGlobalMeterProvider(meterProvider);
  return {
    async stop() {
      const { promise: limit, resolve: giveUp } = Promise.withResolvers<void>();
      const timer = setTimeout(giveUp, SHUTDOWN_LIMIT_MS);
      await Promise.race([
        Promise.all([tracerProvider.shutdown(), meterProvider.shutdown()]).catch((error: unknown) =>
          log.debug({ err: error }, 'self-telemetry ended with an error'),
        ),
        limit,
      ]);
      clearTimeout(timer);
    },
  };
}

/** The SDK's own complaints (the collector is away, an export failed) are no news in a service's log: level debug. */
function quietLogger(log: Logger): DiagLogger {
  const say = (message: string, ...details: unknown[]): void => log.debug({ details: details.map(String) }, message);
  return { error: say, warn: say, info: say, debug: say, verbose: say };
}
