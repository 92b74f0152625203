import type { Socket } from 'node:net';
import type { MonitorOf } from '@tocsin/service/config';
import { showEndpoint } from '../../net/dial.ts';
import { judgeExchangeFailure } from '../../net/failure.ts';
import { ABORTED, done, judged, type Step } from '../../net/step.ts';
import { down, up, type Verdict } from '../../verdict.ts';
import type { ProbeKind } from '../kind.ts';
import { type Look, lookOnce, reach } from '../look.ts';
import { secureTarget } from '../target-tls.ts';
import { checkHealth, type HealthAnswer } from './health-call.ts';

type GrpcMonitor = MonitorOf<'grpc'>;

/** A gRPC server that is asked for its health (grpc.health.v1). */
export const grpcKind: ProbeKind<GrpcMonitor> = {
  describeTarget: ({ endpoint, service, isSecure }) =>
    `${isSecure ? 'grpcs' : 'grpc'}://${showEndpoint(endpoint)}${service === '' ? '' : `/${service}`}`,
  probe(monitor, context) {
    const { endpoint, timeoutMs, expect } = monitor;
    const target = showEndpoint(endpoint);
    return lookOnce({ target, timeoutMs, latency: expect.latency }, context, (look) => visit(monitor, look));
  },
};

async function visit(monitor: GrpcMonitor, look: Look): Promise<Step<Verdict>> {
  const { endpoint, service, isSecure, tls, authority, metadata, timeoutMs } = monitor;
  Object.assign(look.attributes, {
    'rpc.system': 'grpc',
    'rpc.service': 'grpc.health.v1.Health',
    'rpc.method': 'Check',
  });
  const reached = await reach(endpoint, look);
  if (reached.status !== 'done') return reached;
  const socket = reached.value;
  const ready: Step<Socket> = isSecure
    ? (await secureTarget(look, socket, { endpoint, settings: tls, alpn: ['h2'] })).step
    : done(socket);
  if (ready.status !== 'done') return ready;
  look.recorder.begin('request', 0);
  const answer = await checkHealth(ready.value, {
    service,
    authority: authority ?? showEndpoint(endpoint),
    scheme: isSecure ? 'https' : 'http',
    metadata,
    traceparent: look.context.traceparent,
    timeoutMs,
    signal: look.signal,
  });
  return judge(answer, service, showEndpoint(endpoint), look);
}

const SERVING = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];
/** Status codes of gRPC by their number. */
const CODES = [
  'OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS', 'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED', 'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE', 'UNIMPLEMENTED', 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS',
  'UNAUTHENTICATED',
]; // prettier-ignore

function judge(answer: HealthAnswer, service: string, target: string, look: Look): Step<Verdict> {
  const of = service === '' ? target : `${service} at ${target}`;
  switch (answer.status) {
    case 'aborted':
      return ABORTED;
    case 'failed':
      return judged(judgeExchangeFailure(target, 'request', answer.code));
    case 'not_grpc':
      return judged(
        down(
          'protocol_error',
          `expected gRPC of ${target}, found HTTP status ${answer.httpStatus} (${answer.contentType || 'no content type'})`,
        ),
      );
    case 'answered': {
      const code = CODES[answer.grpcStatus] ?? `code ${answer.grpcStatus}`;
      look.attributes['rpc.grpc.status_code'] = answer.grpcStatus;
      look.evidence['grpc.message'] = answer.message;
      if (answer.grpcStatus === 12)
        return judged(down('grpc_unimplemented', `expected the health protocol of ${target}, found UNIMPLEMENTED`));
      if (answer.grpcStatus === 5)
        return judged(
          down('grpc_service_unknown', `expected the health of ${of}, found that it knows no such service`),
        );
      if (answer.grpcStatus === 4)
        return judged(down('timeout', `expected the health of ${of} in time, found DEADLINE_EXCEEDED`));
      if (answer.grpcStatus !== 0)
        return judged(
          down(
            'grpc_status',
            `expected the health of ${of}, found ${code}${answer.message === '' ? '' : `: ${answer.message}`}`,
          ),
        );
      if (answer.serving === undefined)
        return judged(down('protocol_error', `expected a health message of ${target}, found other bytes`));
      const serving = SERVING[answer.serving] ?? String(answer.serving);
      look.attributes['tocsin.probe.grpc.serving'] = serving;
      if (answer.serving === 1) return done(up(`${of} is SERVING`));
      return judged(
        down(
          answer.serving === 3 ? 'grpc_service_unknown' : 'grpc_not_serving',
          `expected ${of} to be SERVING, found ${serving}`,
        ),
      );
    }
  }
}
