import type { ProbeKind } from '../kind.ts';
import { lookOnce } from '../look.ts';
import { done } from '../../net/step.ts';
import { unknown } from '../../verdict.ts';
import { type HeartbeatMonitor, showOutput } from './heartbeat-state.ts';
import { judgeHeartbeat } from './judge-heartbeat.ts';

/** A job that calls us. A run judges what came, and what did not. */
export const heartbeatKind: ProbeKind<HeartbeatMonitor> = {
  describeTarget: ({ expected }) =>
    expected.type === 'period'
      ? `calls every ${expected.periodMs / 1_000} s`
      : `calls by ${expected.expression} (${expected.timeZone})`,
  probe(monitor, context) {
    const { name, timeoutMs } = monitor;
    return lookOnce({ target: name, timeoutMs }, context, (look) => {
      const { heartbeats } = context.network;
      if (!heartbeats) {
        return Promise.resolve(
          done(unknown('heartbeat_unheard', `expected calls of ${name}, found that nobody listens here`)),
        );
      }
      const state = heartbeats.read(monitor);
      const { ended } = state;
      if (ended) look.evidence['output'] = showOutput(ended);
      if (ended?.exitCode !== undefined) look.attributes['process.exit.code'] = ended.exitCode;
      return Promise.resolve(done(judgeHeartbeat(monitor, state, context.clock.wallMs())));
    });
  },
};
