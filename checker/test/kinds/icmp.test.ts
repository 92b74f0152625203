import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { measureRoundTrip, parsePing } from '../../src/kinds/icmp/parse-ping.ts';
import { makeNetwork, phaseNames, probe, probeUnhindered } from '../monitors.ts';
import { configure } from './configured.ts';
import { PING_SAMPLES } from './ping-samples-table.ts';
import { BRIEF, LOST, OUTPUTS } from './subjects/icmp.ts';

describe('what ping prints', () => {
  test.each(Object.entries(OUTPUTS))('is read of %s', (_name, output) => {
    const report = parsePing(output);
    expect(report).toEqual({ sent: 4, received: 3, rttsMs: [10, 14, 12] });
    expect(measureRoundTrip(report?.rttsMs ?? [])).toEqual({ min: 10, avg: 12, max: 14, jitter: 3 });
  });

  test('is read of iputils over IPv6, of answers under a millisecond, and without statistics', () => {
    expect(parsePing('64 bytes from ::1: icmp_seq=1 ttl=64 time=0.033 ms\n')).toEqual({
      sent: 1,
      received: 1,
      rttsMs: [0.033],
    });
    expect(parsePing('64 bytes from 10.0.0.1: icmp_seq=1 ttl=64 time<1 ms\n')?.rttsMs).toEqual([1]);
    expect(parsePing(LOST)).toEqual({ sent: 3, received: 0, rttsMs: [] });
    expect(parsePing('ping: unknown option\n')).toBeUndefined();
  });
});

const folder = await mkdtemp(join(tmpdir(), 'tocsin-ping-'));
afterAll(() => rm(folder, { recursive: true }));
let scripts = 0;

/** A program that is called like ping. */
async function makePing(lines: string): Promise<string> {
  const file = join(folder, `ping-${(scripts += 1)}`);
  await writeFile(file, `#!/bin/sh\n${lines}\n`, { mode: 0o755 });
  return file;
}

const printing = async (output: string, code = 0): Promise<string> =>
  makePing(`cat <<'END'\n${output.trimEnd()}\nEND\nexit ${code}`);
const complaining = async (complaint: string): Promise<string> => makePing(`echo '${complaint}' >&2\nexit 2`);
const network = (pingProgram: string) => ({ ...makeNetwork(), pingProgram });

const base = await configure({ icmp: 'gateway.test' });

test('our own trouble is unknown, with what the system says', async () => {
  const run = async (complaint: string) => (await probe(base, network(await complaining(complaint)))).verdict;
  expect(await run('ping: connect: Network is unreachable')).toMatchObject({
    outcome: 'unknown',
    reason: 'network_unreachable',
  });
  expect(await run('ping: sendmsg: Operation not permitted')).toMatchObject({
    outcome: 'unknown',
    reason: 'local_denied',
  });
  const denied = await run('ping: socktype: SOCK_RAW');
  expect(denied).toMatchObject({ outcome: 'unknown', reason: 'ping_failed' });
  const missing = await probe(base, network(join(folder, 'none')));
  expect(missing.verdict.outcome).toBe('unknown');
  expect(missing.verdict.message).toContain('iputils-ping');
});

test.each(Object.entries(PING_SAMPLES))('what a real ping printed is understood: %s', async (_name, sample) => {
  const { output, complaint = '', exitCode, means } = sample;
  const report = parsePing(output);
  expect([report?.sent, report?.rttsMs]).toEqual([means.sent, means.rttsMs]);
  const program = await makePing(`printf '%s' "${output}"\nprintf '%s' "${complaint}" >&2\nexit ${exitCode}`);
  // A neighbour of the address that makeNetwork gives this machine.
  const names = { 'gateway.test': [{ address: '192.0.2.77', family: 4 }] };
  const { verdict } = await probe(base, { ...makeNetwork({ names }), pingProgram: program });
  expect(verdict.reason).toBe(means.reason);
});

test('where ping speaks IPv4 alone, ping6 beside it is asked over IPv6', async () => {
  const program = await makePing(`echo "ping: unknown host" >&2\nexit 1`);
  const { output } = PING_SAMPLES['inetutils over IPv6 (ping6), an answer'] ?? { output: '' };
  await writeFile(`${program}6`, `#!/bin/sh\ncat <<'END'\n${output}END\n`, { mode: 0o755 });
  const names = { 'gateway.test': [{ address: '2001:db8::1', family: 6 }] };
  const run = await probe(base, { ...makeNetwork({ names }), pingProgram: program });
  expect(run.verdict.outcome).toBe('up');
  expect(phaseNames(run)).toBe('resolve ping');
});

test('ping is given the address that was looked up, the settings, and a language that can be read', async () => {
  const file = join(folder, 'seen');
  const program = await makePing(`printf "%s\\n" "$* $LC_ALL" > ${file}\ncat <<'END'\n${OUTPUTS.iputils}END`);
  const settings = { count: 5, spacing: '300ms', size: 100, ip: '6' };
  const names = {
    'gateway.test': [
      { address: '192.0.2.1', family: 4 },
      { address: '2001:db8::1', family: 6 },
    ],
  };
  const run = await probe(await configure({ icmp: 'gateway.test', ...settings }), {
    ...makeNetwork({ names }),
    pingProgram: program,
  });
  expect(await readFile(file, 'utf8')).toBe('-n -c 5 -i 0.3 -s 100 2001:db8::1 C\n');
  expect(phaseNames(run)).toBe('resolve ping');
  expect(run.gauges).toEqual({
    'tocsin.probe.icmp.loss': 0.25,
    'tocsin.probe.icmp.rtt': 0.012,
    'tocsin.probe.icmp.jitter': 0.003,
  });
  expect(run.attributes).toMatchObject({
    'network.peer.address': '2001:db8::1',
    'tocsin.probe.icmp.sent': 4,
    'tocsin.probe.icmp.received': 3,
    'tocsin.probe.icmp.rtt.avg': 12,
    'tocsin.probe.icmp.rtt.jitter': 3,
  });
});

test('a name that resolves to something else than an address is never handed over', async () => {
  const program = await makePing(`echo run > ${join(folder, 'ran')}`);
  const names = { 'gateway.test': [{ address: '-f', family: 4 }] };
  const { verdict } = await probe(base, { ...makeNetwork({ names }), pingProgram: program });
  expect(verdict).toMatchObject({ outcome: 'unknown', reason: 'internal_error' });
  expect(existsSync(join(folder, 'ran'))).toBe(false);
});

test('limits say what they mean: a loss that degrades, a jitter, and what is worse first', async () => {
  const program = await printing(OUTPUTS.iputils);
  const run = async (entries: object) =>
    (await probeUnhindered(await configure({ icmp: 'gateway.test', expect: entries }), network(program))).verdict;
  expect(await run({ max_loss: 0, severity: 'degraded' })).toEqual({
    outcome: 'degraded',
    reason: 'packet_loss',
    message: 'expected a loss of at most 0% to gateway.test (127.0.0.1), found 25% (3 answers to 4 pings)',
  });
  expect(await run([{ max_loss: 25, rtt: { max: '14ms', jitter: '3ms' } }])).toMatchObject({ outcome: 'up' });
  expect(await run([{ max_loss: 0, severity: 'degraded' }, { rtt: { jitter: '2ms' } }])).toEqual({
    outcome: 'down',
    reason: 'latency_exceeded',
    message: 'expected a jitter of at most 2ms to gateway.test (127.0.0.1), found 3ms',
  });
});

test('what came before the time was up counts', async () => {
  const [first] = /^64 bytes.*$/m.exec(OUTPUTS.iputils) ?? [];
  const program = await makePing(`echo '${first}'\nexec sleep 30`);
  const run = await probe(await configure({ icmp: 'gateway.test', ...BRIEF }), network(program));
  expect(run.verdict).toMatchObject({ outcome: 'up', message: '1 of 1 answered, round trip 10ms' });
});

test("this machine's own ping reaches this machine, or it is said why not", async () => {
  const found = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin'].some((at) => existsSync(`${at}/ping`));
  const { verdict } = await probe(await configure({ icmp: '127.0.0.1', count: 2, spacing: '200ms' }));
  const isDenied = verdict.reason === 'ping_denied';
  if (!found) console.warn('SKIPPED the real ping: this machine has none; its absence is asserted instead');
  if (isDenied) console.warn('SKIPPED the real ping: it may not send here; that this is said is asserted instead');
  const expected = !found ? 'iputils-ping' : isDenied ? 'net.ipv4.ping_group_range' : '2 of 2 answered';
  expect(verdict.message).toContain(expected);
});
