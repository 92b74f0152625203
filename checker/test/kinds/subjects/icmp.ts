import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeNetwork } from '../../monitors.ts';
import { configure } from '../configured.ts';
import type { ContractSubject } from '../contract.ts';
import { targetAt } from '../targets.ts';

/** What the three pings print. */
export const OUTPUTS = {
  iputils: `PING gateway.test (192.0.2.1) 56(84) bytes of data.
64 bytes from 192.0.2.1: icmp_seq=1 ttl=64 time=10.0 ms
64 bytes from 192.0.2.1: icmp_seq=2 ttl=64 time=14.0 ms
64 bytes from 192.0.2.1: icmp_seq=2 ttl=64 time=15.1 ms (DUP!)
64 bytes from 192.0.2.1: icmp_seq=4 ttl=64 time=12.0 ms

--- gateway.test ping statistics ---
4 packets transmitted, 3 received, +1 duplicates, 25% packet loss, time 3047ms
rtt min/avg/max/mdev = 10.000/12.000/14.000/1.632 ms
`,
  busybox: `PING 192.0.2.1 (192.0.2.1): 56 data bytes
64 bytes from 192.0.2.1: seq=0 ttl=64 time=10.000 ms
64 bytes from 192.0.2.1: seq=1 ttl=64 time=14.000 ms
64 bytes from 192.0.2.1: seq=3 ttl=64 time=12.000 ms

--- 192.0.2.1 ping statistics ---
4 packets transmitted, 3 packets received, 25% packet loss
round-trip min/avg/max = 10.000/12.000/14.000 ms
`,
  macOS: `PING 192.0.2.1 (192.0.2.1): 56 data bytes
64 bytes from 192.0.2.1: icmp_seq=0 ttl=64 time=10.000 ms
64 bytes from 192.0.2.1: icmp_seq=1 ttl=64 time=14.000 ms
Request timeout for icmp_seq 2
64 bytes from 192.0.2.1: icmp_seq=3 ttl=64 time=12.000 ms

--- 192.0.2.1 ping statistics ---
4 packets transmitted, 3 packets received, 25.0% packet loss
round-trip min/avg/max/stddev = 10.000/12.000/14.000/1.633 ms
`,
  'macOS over IPv6': `PING6(56=40+8+8 bytes) 2001:db8::2 --> 2001:db8::1
16 bytes from 2001:db8::1, icmp_seq=0 hlim=64 time=10.000 ms
16 bytes from 2001:db8::1, icmp_seq=1 hlim=64 time=14.000 ms
16 bytes from 2001:db8::1, icmp_seq=3 hlim=64 time=12.000 ms

--- 2001:db8::1 ping6 statistics ---
4 packets transmitted, 3 packets received, 25.0% packet loss
round-trip min/avg/max/std-dev = 10.000/12.000/14.000/1.633 ms
`,
};
export const LOST = `PING 192.0.2.1 (192.0.2.1) 56(84) bytes of data.

--- 192.0.2.1 ping statistics ---
3 packets transmitted, 0 received, 100% packet loss, time 2030ms
`;

const printing = (output: string, code = 0): string => `cat <<'END'\n${output.trimEnd()}\nEND\nexit ${code}`;
const complaining = (complaint: string): string => `echo '${complaint}' >&2\nexit 2`;

/** A host and a program that is called like ping, as a shell script; without lines there is none. */
const target =
  (lines: string | undefined, settings: object = {}) =>
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tocsin-ping-'));
    const pingProgram = join(folder, 'ping');
    if (lines !== undefined) await writeFile(pingProgram, `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
    const folderOfPing = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
    const monitor = await configure({ icmp: 'gateway.test', ...settings });
    return targetAt(folderOfPing, monitor, { ...makeNetwork(), pingProgram });
  };
export const BRIEF = { count: 1, timeout: '200ms' };
const base = await configure({ icmp: 'gateway.test' });

/** What kind icmp brings to the contract of all kinds. */
export const icmpSubject: ContractSubject<'icmp'> = {
  kind: 'icmp',
  up: target(printing(OUTPUTS.iputils)),
  down: [
    ['packet_loss', target(printing(LOST, 1))],
    ['packet_loss', target(printing(OUTPUTS.busybox), { expect: { max_loss: '10%' } })],
    ['latency_exceeded', target(printing(OUTPUTS.macOS), { expect: { rtt: '11ms' } })],
    ['ping_missing', target(undefined)],
    ['ping_denied', target(complaining('ping: socket: Operation not permitted'))],
    ['ping_denied', target(complaining('ping: permission denied (are you root?)'))],
    ['ping_failed', target(complaining('ping: unrecognized option: n'))],
    ['host_unreachable', target(printing(`From 127.0.0.2 icmp_seq=1 Destination Host Unreachable\n${LOST}`, 1))],
  ],
  hanging: [
    ['never answers', target('echo "PING 127.0.0.1"\nexec sleep 30', BRIEF)],
    ['does not even mind an interruption', target("trap '' INT\nexec sleep 30", BRIEF)],
  ],
  atHost: (host) => ({ ...base, ...(base.kind === 'icmp' ? { host } : {}) }),
};
