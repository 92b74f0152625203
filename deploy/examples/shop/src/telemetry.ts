import { FastifyOtelInstrumentation } from '@fastify/otel';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { NodeSDK } from '@opentelemetry/sdk-node';

/**
 * The OpenTelemetry set-up of any Node application: loaded before the application (`node --import ./src/telemetry.ts`), configured
 * by the standard variables alone (OTEL_SERVICE_NAME, OTEL_EXPORTER_OTLP_ENDPOINT, …).
 */
const sdk = new NodeSDK({
  instrumentations: [
    new HttpInstrumentation(),
    new UndiciInstrumentation(),
    new FastifyOtelInstrumentation({ registerOnInitialization: true, instrumentHooks: false }),
  ],
});
sdk.start();

const end = (): void => void sdk.shutdown().finally(() => process.exit(0));
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, end);
// Only where the demo has started it: the demo is gone.
process.once('disconnect', end);
