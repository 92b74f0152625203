import type { DeliveryReason, DeliveryResult } from '../channel.ts';

/** Certificate errors keep Node's own codes, as `CERT_HAS_EXPIRED` or `DEPTH_ZERO_SELF_SIGNED_CERT`. */
const TLS_CODE = /CERT|TLS|SSL|SELF_SIGNED|ISSUER/;
const TIMEOUT_CODE = /TIMEOUT|TIMEDOUT/;
/** The other side speaks, but not HTTP. */
const PARSE_CODE = /^HPE_|PARSER/;

/** Judges an exchange that came to no answer: all of them are worth another attempt. Only codes show: a message could repeat the URL. */
export function readConnectionError(error: unknown): Exclude<DeliveryResult, { status: 'ok' }> {
  const code = errorCode(error);
  return { status: 'retryable', reason: reasonOf(code), detail: `The request failed: ${code}.` };
}

function reasonOf(code: string): DeliveryReason {
  if (TLS_CODE.test(code)) return 'tls_failed';
  if (TIMEOUT_CODE.test(code)) return 'timeout';
  if (PARSE_CODE.test(code)) return 'invalid_response';
  return 'connection_failed';
}

/** The code of an error, or of what caused it. */
function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  const code: unknown = 'code' in error ? error.code : undefined;
  if (typeof code === 'string') return code;
  return error.cause instanceof Error && 'code' in error.cause ? errorCode(error.cause) : error.name;
}
