import type { AttributeMap } from '../attributes.ts';
import { ProtoWriter } from './proto-writer.ts';
import { SCOPE } from './scope.ts';

/**
 * What stands around the spans or metrics of a request: the resource and the scope, as their fields. Requests for traces and for metrics have
 * the same shape. Source: opentelemetry-proto 1.x, `ExportTraceServiceRequest`, `ExportMetricsServiceRequest`.
 */
export type Envelope = Buffer;

export function createEnvelope(resource: AttributeMap): Envelope {
  const writer = new ProtoWriter();
  const resourceMessage = writer.begin(1);
  writer.attributes(1, resource);
  writer.end(resourceMessage);
  const resourceField = writer.take();
  const scope = writer.begin(1);
  writer.text(1, SCOPE.name);
  writer.text(2, SCOPE.version);
  writer.end(scope);
  const head = Buffer.alloc(4);
  head.writeUInt32LE(resourceField.length);
  return Buffer.concat([head, resourceField, writer.take()]);
}

/** A request with these items, which are fields of `ScopeSpans` or `ScopeMetrics` already. */
export function wrap(envelope: Envelope, items: readonly Uint8Array[]): Uint8Array {
  const split = 4 + envelope.readUInt32LE(0);
  const writer = new ProtoWriter();
  const resource = writer.begin(1);
  writer.raw(envelope.subarray(4, split));
  const scope = writer.begin(2);
  writer.raw(envelope.subarray(split));
  for (const item of items) writer.raw(item);
  writer.end(scope);
  writer.end(resource);
  return writer.take();
}
