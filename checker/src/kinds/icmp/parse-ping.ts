/** What a `ping` told. Times in milliseconds. */
export interface PingReport {
  readonly sent: number;
  readonly received: number;
  /** Of each answer, in their order. */
  readonly rttsMs: readonly number[];
}

/** `64 bytes from 192.0.2.1: icmp_seq=1 ttl=64 time=0.03 ms`; busybox says `seq=`, macOS over IPv6 `, icmp_seq=`. */
const ANSWER = /^\d+ bytes from .*?[\s,](?:icmp_)?seq=(\d+)\b.*\btime[=<]([\d.]+) ?ms/;
/** `3 packets transmitted, 3 received`; busybox and macOS: `3 packets transmitted, 3 packets received`. */
const STATISTICS = /^(\d+) packets transmitted, (\d+)(?: packets)? received/m;

/**
 * Reads what ping of iputils, busybox or macOS printed (`LC_ALL=C`). What came twice counts once.
 * @returns `undefined` where neither statistics nor an answer is there: it never began
 */
export function parsePing(output: string): PingReport | undefined {
  const answers = new Map<string, number>();
  for (const line of output.split('\n')) {
    const [, sequence, time] = ANSWER.exec(line) ?? [];
    if (sequence !== undefined && time !== undefined && !answers.has(sequence)) answers.set(sequence, Number(time));
  }
  const [, sent] = STATISTICS.exec(output) ?? [];
  if (sent === undefined && answers.size === 0) return undefined;
  const received = answers.size;
  return { sent: Math.max(Number(sent ?? 0), received), received, rttsMs: [...answers.values()] };
}

/** Round-trip times of one run, milliseconds. */
export interface RoundTrip {
  readonly min: number;
  readonly avg: number;
  readonly max: number;
  /** The mean change from one answer to the next; 0 of a single one. */
  readonly jitter: number;
}

/** @param rttsMs one at least */
export function measureRoundTrip(rttsMs: readonly number[]): RoundTrip {
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const changes = rttsMs.slice(1).map((rttMs, index) => Math.abs(rttMs - (rttsMs[index] ?? rttMs)));
  return {
    min: Math.min(...rttsMs),
    avg: sum(rttsMs) / rttsMs.length,
    max: Math.max(...rttsMs),
    jitter: changes.length === 0 ? 0 : sum(changes) / changes.length,
  };
}
