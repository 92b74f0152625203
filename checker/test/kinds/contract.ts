import { setTimeout as sleep } from 'node:timers/promises';
import type { Monitor, MonitorKind } from '@tocsin/service/config';
import { describe, expect, test } from 'vitest';
import type { Network } from '../../src/kinds/kind.ts';
import { PHASE_NAMES } from '../../src/phases.ts';
import { probeOnce, type ProbeRun } from '../../src/probe.ts';
import { REASONS } from '../../src/reasons-table.ts';
import { makeNetwork, probe, probeUnhindered } from '../monitors.ts';

/** A target of a test, with the monitor that looks at it. Stopped by `await using`. */
export interface ContractTarget extends AsyncDisposable {
  readonly monitor: Monitor;
  readonly network?: Network;
}

/** What a kind of probe brings to the contract. Monitors that hang have a `timeoutMs` of 150 to 300. */
export interface ContractSubject<Kind extends MonitorKind = MonitorKind> {
  readonly kind: Kind;
  /** The kind asks nobody: its runs have no phases. */
  readonly reachesNobody?: boolean;
  /** A target that is well. */
  readonly up: () => Promise<ContractTarget>;
  /** A target that is not, whose result has the reason. */
  readonly down: readonly (readonly [reason: keyof typeof REASONS, make: () => Promise<ContractTarget>])[];
  /** Targets that never come to an end, by what they leave out. */
  readonly hanging: readonly (readonly [what: string, make: () => Promise<ContractTarget>])[];
  /** A monitor of a host by name; absent for a kind that has no host. What listens there, if anything, does not matter. */
  readonly atHost?: (host: string) => Monitor;
  /** A target that repeats what it is sent and is not as expected, and the secrets its monitor is configured with. */
  readonly leaking?: readonly [secrets: readonly string[], make: () => Promise<ContractTarget>];
}

/** Beyond its own limit a run may take this long on a busy machine. */
const GRACE_MS = 1_500;
/** What a run may open and must not leave behind. */
const HANDLES = new Set(['TCPSocketWrap', 'TLSWrap', 'UDPWrap', 'HTTP2SESSION', 'ProcessWrap', 'PipeWrap', 'Timeout']);

/** What every kind of probe promises to the schedule and to whoever reads its results. */
export function describeContract(subject: ContractSubject): void {
  describe(`contract: ${subject.kind}`, () => {
    describeOutcomes(subject);
    describeLimits(subject);
    describeNames(subject);
    const { leaking } = subject;
    if (leaking === undefined) return;
    test('what is secret is nowhere in the result, even when the target repeats it', async () => {
      const [secrets, make] = leaking;
      await using target = await make();
      const run = await look(target);
      expect(run.verdict.outcome).not.toBe('up');
      for (const secret of secrets) expect(JSON.stringify(run)).not.toContain(secret);
    });
  });
}

function describeOutcomes({ kind, reachesNobody = false, up, down }: ContractSubject): void {
  test('a target that is well is up, with phases that are told in order and within the run', async () => {
    await using target = await up();
    const run = await look(target);
    expect(run).toMatchObject({ kind, monitor: target.monitor.name, verdict: { outcome: 'up', reason: 'ok' } });
    expectSound(run);
    expect(run.phases.length === 0).toBe(reachesNobody);
    expect(run.phases.some(({ failed }) => failed)).toBe(false);
  });

  test.each(down)('a target with %s has that reason every time, and a sentence', async (reason, make) => {
    await using target = await make();
    const runs = [await look(target), await look(target)];
    for (const run of runs) {
      expect(run.verdict.reason).toBe(reason);
      expect(run.verdict.message).toMatch(/expected .*found/s);
      expectSound(run);
    }
  });
}

function describeLimits({ up, hanging }: ContractSubject): void {
  test.each(hanging)('a target that %s ends with the time limit and is not up', async (_what, make) => {
    await using target = await make();
    const run = await look(target);
    expect(['down', 'unknown']).toContain(run.verdict.outcome);
    expect(run.durationMs).toBeGreaterThanOrEqual(target.monitor.timeoutMs - 20);
    expect(run.durationMs).toBeLessThan(target.monitor.timeoutMs + GRACE_MS);
    expectSound(run);
    expect(run.phases.filter(({ failed }) => failed)).toHaveLength(1);
  });

  test('a run that is called off ends at once without a result, before it began and in the middle', async () => {
    await using well = await up();
    const { network = makeNetwork() } = well;
    expect(await probeOnce(well.monitor, { network, signal: AbortSignal.abort() })).toBeUndefined();
    const [first] = hanging;
    if (first === undefined) return;
    await using target = await first[1]();
    const startMs = performance.now();
    const monitor = { ...target.monitor, timeoutMs: 60_000 };
    const signal = AbortSignal.timeout(60);
    expect(await probeOnce(monitor, { network: target.network ?? makeNetwork(), signal })).toBeUndefined();
    expect(performance.now() - startMs).toBeLessThan(60 + GRACE_MS);
  });

  test('nothing stays open after a run, however it ended', async () => {
    const makers = [up, ...hanging.map(([, make]) => make)];
    for (const make of makers) {
      await using target = await make();
      await sleep(20);
      const before = countHandles();
      for (let run = 0; run < 3; run += 1) await look(target);
      // The servers of the test live in this process too: they close their side a moment later.
      for (let waits = 0; waits < 250 && countHandles() > before; waits += 1) await sleep(20);
      expect(countHandles()).toBeLessThanOrEqual(before);
    }
  });
}

function describeNames({ atHost }: ContractSubject): void {
  if (atHost === undefined) return;
  const at = (name: string, what: string | Promise<never>): Promise<ProbeRun> =>
    probe({ ...atHost(name), timeoutMs: 200 }, makeNetwork({ names: { [name]: what } }));

  test('a name that does not exist is the target being down', async () => {
    const { verdict } = await at('gone.test', 'ENOTFOUND');
    expect(verdict).toMatchObject({ outcome: 'down', reason: 'dns_nxdomain' });
  });

  test('a resolver that fails or hangs says nothing about the target', async () => {
    const runs = [await at('a.test', 'EAI_AGAIN'), await at('b.test', new Promise<never>(() => {}))];
    for (const { verdict } of runs) expect(verdict).toMatchObject({ outcome: 'unknown', reason: 'dns_unavailable' });
  });

  test('a machine that is out of file descriptors says nothing about the target', async () => {
    expect((await at('c.test', 'EMFILE')).verdict).toMatchObject({ outcome: 'unknown', reason: 'local_resources' });
  });

  test('an address that the configuration denies is never connected to, and says nothing about the target', async () => {
    const network = makeNetwork({ isDenied: (address) => address === '127.0.0.1' });
    const { verdict } = await probe(atHost('d.test'), network);
    expect(verdict).toMatchObject({ outcome: 'unknown', reason: 'address_denied' });
  });

  test('a mistake of ours is an outcome too', async () => {
    const network: Network = {
      ...makeNetwork(),
      lookup: () => Promise.reject(new TypeError('a mistake')),
    };
    expect((await probe(atHost('e.test'), network)).verdict).toMatchObject({ reason: 'internal_error' });
  });
}

function look({ monitor, network }: ContractTarget): Promise<ProbeRun> {
  return probeUnhindered(monitor, network);
}

/** Times add up, words are of their closed sets, and nothing is missing. */
function expectSound({ phases, durationMs, verdict, attributes }: ProbeRun): void {
  expect(Object.keys(REASONS)).toContain(verdict.reason);
  expect(verdict.message).not.toBe('');
  const starts = phases.map(({ startOffsetMs }) => startOffsetMs);
  expect(starts).toEqual(starts.toSorted((a, b) => a - b));
  for (const phase of phases) {
    expect(PHASE_NAMES).toContain(phase.name);
    expect(phase.startOffsetMs).toBeGreaterThanOrEqual(0);
    expect(phase.durationMs).toBeGreaterThanOrEqual(0);
    expect(phase.startOffsetMs + phase.durationMs).toBeLessThanOrEqual(durationMs + 0.5);
  }
  expect(phases.reduce((sumMs, phase) => sumMs + phase.durationMs, 0)).toBeLessThanOrEqual(durationMs + 0.5);
  for (const value of Object.values(attributes)) expect(['string', 'number', 'boolean']).toContain(typeof value);
}

function countHandles(): number {
  return process.getActiveResourcesInfo().filter((name) => HANDLES.has(name)).length;
}
