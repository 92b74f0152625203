import { platform } from 'node:os';
import type { MonitorOf } from '@tocsin/service/config';
import { resolveHost } from '../../net/dial.ts';
import { isOnLink } from '../../net/on-link.ts';
import type { ResolvedAddress } from '../../net/resolve.ts';
import { ABORTED, done, judged, type Step } from '../../net/step.ts';
import { cutText } from '../../secrets/hide-secrets.ts';
import { down, unknown, type Verdict } from '../../verdict.ts';
import type { ProbeKind } from '../kind.ts';
import { type Look, lookOnce } from '../look.ts';
import { judgeAnswers, judgeComplaint, judgeNotStarted } from './judge-ping.ts';
import { measureRoundTrip, parsePing, type PingReport } from './parse-ping.ts';
import { type PingOutcome, runPing } from './run-ping.ts';

type IcmpMonitor = MonitorOf<'icmp'>;

/** After the last ping it is waited this long for its answer. */
const LAST_ANSWER_MS = 2_000;

/** A host that answers pings, asked by the system's `ping`. */
export const icmpKind: ProbeKind<IcmpMonitor> = {
  describeTarget: ({ host }) => host,
  probe(monitor, context) {
    const { host, timeoutMs, expect } = monitor;
    return lookOnce({ target: host, timeoutMs, latency: expect.latency }, context, (look) => visit(monitor, look));
  },
};

async function visit(monitor: IcmpMonitor, look: Look): Promise<Step<Verdict>> {
  const { host, ip, count, spacingMs, sizeBytes, expect } = monitor;
  look.attributes['server.address'] = host;
  const family = ip === 'auto' ? undefined : ip === '4' ? 4 : 6;
  const { network, recorder, hop, signal } = look;
  const addresses = await resolveHost(host, { network, recorder, hop, signal, family });
  if (addresses.status !== 'done') return addresses;
  const [target] = addresses.value;
  if (target === undefined) return judged(down('dns_nxdomain', `expected ${host} to have an address, found none`));
  const { address } = target;
  look.attributes['network.peer.address'] = address;
  const program = network.pingProgram ?? pingOf(target);
  const deadlineMs = (count - 1) * spacingMs + LAST_ANSWER_MS;
  const run = (named: string): Promise<PingOutcome> => {
    const pinging = runPing({ program: named, address, count, spacingMs, sizeBytes, deadlineMs, signal });
    // To make a process takes milliseconds, which are ours.
    recorder.begin('ping', 0);
    return pinging;
  };
  let outcome = await run(program);
  // That of inetutils has a program of its own for IPv6, as macOS.
  if (target.family === 6 && !program.endsWith('6') && speaksIPv4Alone(outcome)) {
    recorder.drop();
    outcome = await run(`${program}6`);
  }
  if (outcome.status === 'not_started') return judged(judgeNotStarted(program, outcome.code));
  const { output, complaint, wasAborted } = outcome;
  look.evidence['ping'] = `${output}\n${complaint}`.trim();
  const report = parsePing(output);
  if (report !== undefined) note(report, look);
  if (report !== undefined && report.received > 0)
    return done(judgeAnswers(report, expect.answers, shown(host, address)));
  const ours = judgeComplaint(`${complaint}\n${output}`);
  if (ours) return judged(ours);
  if (
    /destination (?:host unreachable|unreachable: address unreachable)/i.test(output) &&
    isOnLink(address, network.localNetworks())
  )
    return judged(
      down('host_unreachable', `expected ${shown(host, address)} to answer, found no such host on the network`),
    );
  if (wasAborted) return ABORTED;
  if (report !== undefined && report.sent > 0) return done(judgeAnswers(report, expect.answers, shown(host, address)));
  const said = cutText((complaint || output).trim().replace(/\s+/g, ' '), 200);
  return judged(unknown('ping_failed', `expected ${program} to tell what it sent, found ${JSON.stringify(said)}`));
}

/** macOS has a program of its own for IPv6. */
function pingOf({ family }: ResolvedAddress): string {
  return family === 6 && platform() === 'darwin' ? 'ping6' : 'ping';
}

function speaksIPv4Alone(outcome: PingOutcome): boolean {
  return outcome.status === 'ended' && outcome.output === '' && /unknown host/i.test(outcome.complaint);
}

function shown(host: string, address: string): string {
  return host === address ? host : `${host} (${address})`;
}

function note({ sent, received, rttsMs }: PingReport, look: Look): void {
  look.attributes['tocsin.probe.icmp.sent'] = sent;
  look.attributes['tocsin.probe.icmp.received'] = received;
  if (sent > 0) look.gauges['tocsin.probe.icmp.loss'] = (sent - received) / sent;
  if (rttsMs.length === 0) return;
  const { min, avg, max, jitter } = measureRoundTrip(rttsMs);
  look.gauges['tocsin.probe.icmp.rtt'] = avg / 1_000;
  look.gauges['tocsin.probe.icmp.jitter'] = jitter / 1_000;
  Object.assign(look.attributes, {
    'tocsin.probe.icmp.rtt.min': min,
    'tocsin.probe.icmp.rtt.avg': avg,
    'tocsin.probe.icmp.rtt.max': max,
    'tocsin.probe.icmp.rtt.jitter': jitter,
  });
}
