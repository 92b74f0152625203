import type { PingExpectation } from '@tocsin/service/config';
import { unknown, unmet, up, type Verdict, worstOf } from '../../verdict.ts';
import { measureRoundTrip, type PingReport } from './parse-ping.ts';

const INSTALL = 'install it: the package is iputils-ping (Debian, Ubuntu), iputils (Alpine, Arch, Fedora) or inetutils';
const ALLOW =
  'let it: setcap cap_net_raw+ep on the program, the capability NET_RAW of a container, or sysctl net.ipv4.ping_group_range="0 2147483647"';

/** Why `ping` could not be started. `code` is the system's. Always our own trouble. */
export function judgeNotStarted(program: string, code: string): Verdict {
  if (code === 'ENOENT') return unknown('ping_missing', `expected the program ${program} here, found none; ${INSTALL}`);
  if (code === 'EACCES' || code === 'EPERM')
    return unknown('ping_denied', `expected to be allowed to run ${program}, found ${code}; ${ALLOW}`);
  if (['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM'].includes(code))
    return unknown('local_resources', `the checker ran out of a resource of its own machine (${code})`);
  return unknown('ping_failed', `expected the program ${program} to start, found ${code}`);
}

/**
 * What ping complained of that is our own trouble: it may not send, or has no way.
 * @returns `undefined` where it says nothing of the kind
 */
export function judgeComplaint(complaint: string): Verdict | undefined {
  const text = complaint.trim().replace(/\s+/g, ' ').slice(0, 200);
  if (/not permitted|permission denied|lacking privilege/i.test(text)) {
    // A socket that exists and may not send is a firewall's doing.
    return /send(?:msg|to|ing packet)/.test(text)
      ? unknown('local_denied', `the checker's own machine forbids the connection (${text})`)
      : unknown('ping_denied', `expected to be allowed to send pings, found "${text}"; ${ALLOW}`);
  }
  // What iputils makes of EACCES: a route that is prohibited, or a rule that refuses.
  if (/check your local firewall/i.test(text))
    return unknown('local_denied', `the checker's own machine forbids the connection (${text})`);
  if (/network is (?:unreachable|down)|no route to host|can't assign requested address/i.test(text))
    return unknown('network_unreachable', `the checker has no route to the target (${text})`);
  if (/no buffer space|cannot allocate memory/i.test(text))
    return unknown('local_resources', `the checker ran out of a resource of its own machine (${text})`);
  return undefined;
}

/** Judges the answers; that none came is down whatever is expected. */
export function judgeAnswers(report: PingReport, expected: readonly PingExpectation[], target: string): Verdict {
  const { sent, received, rttsMs } = report;
  if (received === 0)
    return unmet('down', 'packet_loss', `expected ${target} to answer ${count(sent)}, found no answer`);
  const lossPercent = ((sent - received) / sent) * 100;
  const rtt = measureRoundTrip(rttsMs);
  const verdicts = expected.flatMap((each): Verdict[] => {
    if (each.subject === 'loss') {
      if (lossPercent <= each.maxPercent) return [];
      const found = `${showNumber(lossPercent)}% (${received} answers to ${count(sent)})`;
      const sentence = `expected a loss of at most ${each.maxPercent}% to ${target}, found ${found}`;
      return [unmet(each.severity, 'packet_loss', sentence)];
    }
    const foundMs = rtt[each.measure];
    if (foundMs <= each.maxMs) return [];
    const what = each.measure === 'jitter' ? 'a jitter' : `a round trip (${each.measure})`;
    const sentence = `expected ${what} of at most ${each.maxMs}ms to ${target}, found ${showNumber(foundMs)}ms`;
    return [unmet(each.severity, 'latency_exceeded', sentence)];
  });
  const fine = up(`${received} of ${sent} answered, round trip ${showNumber(rtt.avg)}ms`);
  return worstOf(fine, ...verdicts);
}

function count(pings: number): string {
  return pings === 1 ? 'a ping' : `${pings} pings`;
}

function showNumber(value: number): string {
  return String(Number(value.toPrecision(3)));
}
