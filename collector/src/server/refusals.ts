import type { AccessReason, Admission } from './access/gate.ts';
import { RPC_CODE, type RpcStatus } from './status.ts';

type Refused = Extract<Admission, { status: 'refused' }>;

/** How a sender that is not let in is told, over both transports. */
export interface AccessRefusal {
  readonly httpStatus: 401 | 403 | 429;
  readonly error: RpcStatus;
  readonly headers: Readonly<Record<string, string>>;
}

const MESSAGES: Readonly<Record<AccessReason, string>> = {
  unauthenticated: 'no valid key: expected the header "Authorization: Bearer KEY" or "x-api-key: KEY"',
  wrong_signal: 'this key may not send this signal',
  rate_limited: 'this key has reached its rate, try again later',
  volume_exceeded: 'this key has reached its volume of the day (UTC), try again later',
};

/**
 * Answers who is not let in: 401 / UNAUTHENTICATED, 403 / PERMISSION_DENIED, 429 / RESOURCE_EXHAUSTED with the time to come back, which
 * makes it retryable. Source: OTLP specification 1.11.0, "Failures" and "OTLP/gRPC Throttling".
 */
export function refuseAccess({ reason, retryAfterMs }: Refused): AccessRefusal {
  const message = MESSAGES[reason];
  switch (reason) {
    case 'unauthenticated':
      return {
        httpStatus: 401,
        error: { code: RPC_CODE.unauthenticated, message },
        headers: { 'www-authenticate': 'Bearer' },
      };
    case 'wrong_signal':
      return { httpStatus: 403, error: { code: RPC_CODE.permissionDenied, message }, headers: {} };
    case 'rate_limited':
    case 'volume_exceeded': {
      const error = {
        code: RPC_CODE.resourceExhausted,
        message,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      };
      return { httpStatus: 429, error, headers: {} };
    }
  }
}
