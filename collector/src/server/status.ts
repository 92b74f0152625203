import type { Malformed } from '../otlp/malformed.ts';
import { WIRE } from '../otlp/field-table.ts';
import { ProtoWriter } from '../otlp/proto-writer.ts';

/** How a request and its answer are written. */
export type Encoding = 'protobuf' | 'json';

/** The codes of gRPC that Tocsin answers with. Source: google/rpc/code.proto. */
export const RPC_CODE = {
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** A `google.rpc.Status`: the body of every error answer. */
export interface RpcStatus {
  readonly code: (typeof RPC_CODE)[keyof typeof RPC_CODE];
  readonly message: string;
  /** What is wrong with the request's content; becomes a `google.rpc.BadRequest`. */
  readonly violation?: Pick<Malformed, 'field' | 'message'>;
  /** When to try again, in milliseconds; becomes a `google.rpc.RetryInfo`. */
  readonly retryAfterMs?: number;
}

const TYPE_URL = 'type.googleapis.com/google.rpc.';

/**
 * Writes a status in protobuf.
 * Source: google/rpc/status.proto and error_details.proto of googleapis.
 */
export function encodeStatus({ code, message, violation, retryAfterMs }: RpcStatus): Buffer {
  const writer = new ProtoWriter(256);
  writer.tag(1, WIRE.varint);
  writer.varint(code);
  writer.string(2, message);
  if (violation) writeBadRequest(writer, violation.field, violation.message);
  if (retryAfterMs !== undefined) writeRetryInfo(writer, retryAfterMs);
  return writer.finish();
}

function writeBadRequest(writer: ProtoWriter, field: string, description: string): void {
  const any = writer.begin(3);
  writer.string(1, `${TYPE_URL}BadRequest`);
  const badRequest = writer.begin(2);
  const violation = writer.begin(1);
  writer.string(1, field);
  writer.string(2, description);
  writer.end(violation);
  writer.end(badRequest);
  writer.end(any);
}

function writeRetryInfo(writer: ProtoWriter, retryAfterMs: number): void {
  const any = writer.begin(3);
  writer.string(1, `${TYPE_URL}RetryInfo`);
  const retryInfo = writer.begin(2);
  const duration = writer.begin(1);
  writer.tag(1, WIRE.varint);
  writer.varint(Math.floor(retryAfterMs / 1000));
  writer.tag(2, WIRE.varint);
  writer.varint(Math.round(retryAfterMs % 1000) * 1_000_000);
  writer.end(duration);
  writer.end(retryInfo);
  writer.end(any);
}

/** Writes a status in protobuf's JSON form. */
export function statusAsJson({ code, message, violation, retryAfterMs }: RpcStatus): string {
  const details: object[] = [];
  if (violation) {
    const { field, message: description } = violation;
    details.push({ '@type': `${TYPE_URL}BadRequest`, fieldViolations: [{ field, description }] });
  }
  if (retryAfterMs !== undefined)
    details.push({ '@type': `${TYPE_URL}RetryInfo`, retryDelay: `${(retryAfterMs / 1000).toFixed(3)}s` });
  return JSON.stringify({ code, message, ...(details.length > 0 ? { details } : {}) });
}
