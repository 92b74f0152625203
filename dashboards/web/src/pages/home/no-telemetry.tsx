import type { Overview } from '../../../../src/overview/overview-types.ts';
import { Empty } from '../../parts/notices.tsx';

/** Where nothing has come yet: what to paste. */
export function NoTelemetry({ overview: { services, send } }: { readonly overview: Overview }) {
  if (services.status !== 'ok' || services.value.services.length > 0) return null;
  return (
    <Empty title="No telemetry in the last hour">
      <p>Every OpenTelemetry SDK reads these lines from its environment. Paste them where your application starts:</p>
      <pre>
        {`export OTEL_SERVICE_NAME=my-service
export OTEL_EXPORTER_OTLP_ENDPOINT=${send.http}
export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf`}
      </pre>
      <p>A Node application needs no more than this, and no change of its code:</p>
      <pre>
        {`npm install @opentelemetry/api @opentelemetry/auto-instrumentations-node
node --require @opentelemetry/auto-instrumentations-node/register app.js`}
      </pre>
      <p class="soft">
        OTLP over HTTP (protobuf or JSON): <code>{send.http}</code>. OTLP over gRPC: <code>{send.grpc}</code>.
      </p>
    </Empty>
  );
}
