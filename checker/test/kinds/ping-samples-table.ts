import type { Reason } from '../../src/probe.ts';

/** What a real ping printed, and what it means. */
export interface PingSample {
  readonly output: string;
  readonly complaint?: string;
  readonly exitCode: number;
  readonly means: { readonly reason: Reason; readonly sent?: number; readonly rttsMs?: readonly number[] };
}

/**
 * Taken on Debian 12 in a network namespace with 192.0.2.1/24 and 2001:db8::1/64 on one end of a veth: ping of iputils 20221126, of
 * busybox 1.35.0 and of inetutils 2.4, each with `-n` and an address.
 */
export const PING_SAMPLES: Readonly<Record<string, PingSample>> = {
  'iputils, answers': {
    output: `PING 192.0.2.1 (192.0.2.1) 56(84) bytes of data.
64 bytes from 192.0.2.1: icmp_seq=1 ttl=64 time=0.023 ms
64 bytes from 192.0.2.1: icmp_seq=2 ttl=64 time=0.047 ms

--- 192.0.2.1 ping statistics ---
2 packets transmitted, 2 received, 0% packet loss, time 200ms
rtt min/avg/max/mdev = 0.023/0.035/0.047/0.012 ms
`,
    exitCode: 0,
    means: { reason: 'ok', sent: 2, rttsMs: [0.023, 0.047] },
  },
  'iputils over IPv6, an answer': {
    output: `PING 2001:db8::1(2001:db8::1) 56 data bytes
64 bytes from 2001:db8::1: icmp_seq=1 ttl=64 time=0.020 ms

--- 2001:db8::1 ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time 0ms
rtt min/avg/max/mdev = 0.020/0.020/0.020/0.000 ms
`,
    exitCode: 0,
    means: { reason: 'ok', sent: 1, rttsMs: [0.02] },
  },
  'iputils, nobody there': {
    output: `PING 192.0.2.77 (192.0.2.77) 56(84) bytes of data.
From 192.0.2.1 icmp_seq=1 Destination Host Unreachable
From 192.0.2.1 icmp_seq=2 Destination Host Unreachable

--- 192.0.2.77 ping statistics ---
2 packets transmitted, 0 received, +2 errors, 100% packet loss, time 951ms
pipe 2
`,
    exitCode: 1,
    means: { reason: 'host_unreachable', sent: 2, rttsMs: [] },
  },
  'iputils over IPv6, nobody there': {
    output: `PING 2001:db8::77(2001:db8::77) 56 data bytes
From 2001:db8::1 icmp_seq=1 Destination unreachable: Address unreachable

--- 2001:db8::77 ping statistics ---
1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms

`,
    exitCode: 1,
    means: { reason: 'host_unreachable', sent: 1, rttsMs: [] },
  },
  'iputils, a port that is closed on the way': {
    output: `PING 10.255.255.53 (10.255.255.53) 56(84) bytes of data.
From 21.4.4.3 icmp_seq=1 Destination Port Unreachable

--- 10.255.255.53 ping statistics ---
1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms

`,
    exitCode: 1,
    means: { reason: 'packet_loss', sent: 1, rttsMs: [] },
  },
  'iputils, silence': {
    output: `PING 192.0.2.77 (192.0.2.77) 56(84) bytes of data.

--- 192.0.2.77 ping statistics ---
1 packets transmitted, 0 received, 100% packet loss, time 0ms

`,
    exitCode: 1,
    means: { reason: 'packet_loss', sent: 1, rttsMs: [] },
  },
  'iputils, no route': {
    output: '',
    complaint: 'ping: connect: Network is unreachable\n',
    exitCode: 2,
    means: { reason: 'network_unreachable' },
  },
  'iputils, a route that is unreachable': {
    output: '',
    complaint: 'ping: connect: No route to host\n',
    exitCode: 2,
    means: { reason: 'network_unreachable' },
  },
  'iputils, a route that is prohibited': {
    output: '',
    complaint: 'ping: Do you want to ping broadcast? Then -b. If not, check your local firewall rules\n',
    exitCode: 2,
    means: { reason: 'local_denied' },
  },
  'iputils without permission': {
    output: '',
    complaint: `ping: socktype: SOCK_RAW
ping: socket: Operation not permitted
ping: => missing cap_net_raw+p capability or setuid?
`,
    exitCode: 2,
    means: { reason: 'ping_denied' },
  },
  'iputils, a name that is none': {
    output: '',
    complaint: 'ping: no.such.invalid: Name or service not known\n',
    exitCode: 2,
    means: { reason: 'ping_failed' },
  },
  'busybox, answers': {
    output: `PING 192.0.2.1 (192.0.2.1): 56 data bytes
64 bytes from 192.0.2.1: seq=0 ttl=64 time=0.036 ms
64 bytes from 192.0.2.1: seq=1 ttl=64 time=0.058 ms

--- 192.0.2.1 ping statistics ---
2 packets transmitted, 2 packets received, 0% packet loss
round-trip min/avg/max = 0.036/0.047/0.058 ms
`,
    exitCode: 0,
    means: { reason: 'ok', sent: 2, rttsMs: [0.036, 0.058] },
  },
  'busybox over IPv6, an answer': {
    output: `PING 2001:db8::1 (2001:db8::1): 56 data bytes
64 bytes from 2001:db8::1: seq=0 ttl=64 time=0.051 ms

--- 2001:db8::1 ping statistics ---
1 packets transmitted, 1 packets received, 0% packet loss
round-trip min/avg/max = 0.051/0.051/0.051 ms
`,
    exitCode: 0,
    means: { reason: 'ok', sent: 1, rttsMs: [0.051] },
  },
  'busybox, silence until it is interrupted': {
    output: `PING 192.0.2.77 (192.0.2.77): 56 data bytes

--- 192.0.2.77 ping statistics ---
4 packets transmitted, 0 packets received, 100% packet loss
`,
    exitCode: 1,
    means: { reason: 'packet_loss', sent: 4, rttsMs: [] },
  },
  'busybox, no route': {
    output: 'PING 198.51.100.1 (198.51.100.1): 56 data bytes\n',
    complaint: 'ping: sendto: Network is unreachable\n',
    exitCode: 1,
    means: { reason: 'network_unreachable' },
  },
  'busybox, a route that is prohibited': {
    output: 'PING 198.51.100.1 (198.51.100.1): 56 data bytes\n',
    complaint: 'ping: sendto: Permission denied\n',
    exitCode: 1,
    means: { reason: 'local_denied' },
  },
  'busybox without permission': {
    output: 'PING 127.0.0.1 (127.0.0.1): 56 data bytes\n',
    complaint: 'ping: permission denied (are you root?)\n',
    exitCode: 1,
    means: { reason: 'ping_denied' },
  },
  'busybox, a name that is none': {
    output: '',
    complaint: "ping: bad address 'no.such.invalid'\n",
    exitCode: 1,
    means: { reason: 'ping_failed' },
  },
  'inetutils, answers': {
    output: `PING 192.0.2.1 (192.0.2.1): 56 data bytes
64 bytes from 192.0.2.1: icmp_seq=0 ttl=64 time=0.378 ms
64 bytes from 192.0.2.1: icmp_seq=1 ttl=64 time=0.064 ms
--- 192.0.2.1 ping statistics ---
2 packets transmitted, 2 packets received, 0% packet loss
round-trip min/avg/max/stddev = 0.064/0.221/0.378/0.157 ms
`,
    exitCode: 0,
    means: { reason: 'ok', sent: 2, rttsMs: [0.378, 0.064] },
  },
  'inetutils over IPv6 (ping6), an answer': {
    output: `PING 2001:db8::1 (2001:db8::1): 56 data bytes
64 bytes from 2001:db8::1: icmp_seq=0 ttl=64 time=0.054 ms
--- 2001:db8::1 ping statistics ---
1 packets transmitted, 1 packets received, 0% packet loss
round-trip min/avg/max/stddev = 0.054/0.054/0.054/0.000 ms
`,
    exitCode: 0,
    means: { reason: 'ok', sent: 1, rttsMs: [0.054] },
  },
  'inetutils, nobody there': {
    output: `PING 192.0.2.77 (192.0.2.77): 56 data bytes
92 bytes from 192.0.2.1: Destination Host Unreachable
92 bytes from 192.0.2.1: Destination Host Unreachable
--- 192.0.2.77 ping statistics ---
2 packets transmitted, 0 packets received, 100% packet loss
`,
    exitCode: 1,
    means: { reason: 'host_unreachable', sent: 2, rttsMs: [] },
  },
  'inetutils, no route': {
    output: 'PING 198.51.100.1 (198.51.100.1): 56 data bytes\n',
    complaint: 'ping: sending packet: Network is unreachable\n',
    exitCode: 1,
    means: { reason: 'network_unreachable' },
  },
  'inetutils, a route that is prohibited': {
    output: 'PING 198.51.100.1 (198.51.100.1): 56 data bytes\n',
    complaint: 'ping: sending packet: Permission denied\n',
    exitCode: 1,
    means: { reason: 'local_denied' },
  },
};
