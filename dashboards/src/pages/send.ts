import { html, type Html } from '../html/html.ts';
import type { Overview } from '../overview/overview.ts';

/** The section that says how to point an application at Tocsin. */
export function renderSend({ http, grpc }: Overview['send']): Html {
  return html`<section aria-labelledby="send">
    <h2 id="send">Send telemetry</h2>
    <p>Every OpenTelemetry SDK reads these lines from its environment:</p>
    <pre>
OTEL_SERVICE_NAME=my-service
OTEL_EXPORTER_OTLP_ENDPOINT=${http}
OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf</pre>
    <p class="soft">OTLP over HTTP (protobuf or JSON): <code>${http}</code>. OTLP over gRPC: <code>${grpc}</code>.</p>
  </section>`;
}
