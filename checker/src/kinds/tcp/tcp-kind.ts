import type { Socket } from 'node:net';
import { formatDuration, type MonitorOf } from '@tocsin/service/config';
import { showEndpoint } from '../../net/dial.ts';
import { done, type Step } from '../../net/step.ts';
import { up, type Verdict } from '../../verdict.ts';
import type { ProbeKind } from '../kind.ts';
import { type Look, lookOnce, reach } from '../look.ts';
import { agreeOnTls, secureTarget } from '../target-tls.ts';
import { holdDialogue } from './dialogue.ts';

type TcpMonitor = MonitorOf<'tcp'>;

/** A TCP port: connects, speaks TLS where that is asked for, and talks by turns. */
export const tcpKind: ProbeKind<TcpMonitor> = {
  describeTarget: ({ tcp, security }) => (security === 'start' ? 'tls://' : 'tcp://') + showEndpoint(tcp),
  probe(monitor, context) {
    const { tcp, timeoutMs, expect } = monitor;
    return lookOnce({ target: showEndpoint(tcp), timeoutMs, latency: expect.latency }, context, (look) =>
      visit(monitor, look),
    );
  },
};

async function visit(monitor: TcpMonitor, look: Look): Promise<Step<Verdict>> {
  const { tcp, dialogue } = monitor;
  const reached = await reach(tcp, look);
  if (reached.status !== 'done') return reached;
  const socket = reached.value;
  const ready = await secure(monitor, look, socket);
  if (ready.status !== 'done') return ready;
  try {
    const verdict =
      dialogue.length > 0 ? await holdDialogue(ready.value, dialogue, showEndpoint(tcp), look) : undefined;
    if (verdict) return verdict;
    const took = formatDuration(Math.ceil(look.recorder.elapsedMs()));
    return done(
      up(dialogue.length > 0 ? `all ${dialogue.length} turns went as expected in ${took}` : `connected in ${took}`),
    );
  } finally {
    ready.value.destroy();
    socket.destroy();
  }
}

async function secure({ tcp, security, tls }: TcpMonitor, look: Look, socket: Socket): Promise<Step<Socket>> {
  if (security === undefined) return done(socket);
  if (security !== 'start') {
    const agreed = await agreeOnTls(look, socket, security, tcp);
    if (agreed.status !== 'done') return agreed;
  }
  const { step } = await secureTarget(look, socket, { endpoint: tcp, settings: tls });
  return step;
}
