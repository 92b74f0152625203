import { expect, test } from 'vitest';
import { discountLostConnectivity } from '../../src/connectivity.ts';
import type { ProbeRun } from '../../src/probe-run.ts';
import { MonitorStates } from '../../src/state/monitor-states.ts';
import { down, unknown, up, type Verdict } from '../../src/verdict.ts';
import { makeMonitor } from '../monitors.ts';

const LOST = unknown('connectivity_lost', 'none of the connectivity targets answers');

function runOf(monitor: string, kind: ProbeRun['kind'], verdict: Verdict): ProbeRun {
  const ids = { traceId: '', spanId: '' };
  return { monitor, kind, verdict, ...ids, startUnixMs: 0, durationMs: 0, latenessMs: 0, phases: [], attributes: {} };
}

test('a job that has called says nothing about the network of a checker that is blind', () => {
  const states = new MonitorStates({ kept: new Map(), runSoon: () => {}, onChange: () => {} });
  states.apply(['shop', 'job', 'backup', 'report'].map((name) => makeMonitor('http://a.test/', { name })));
  for (const name of ['job', 'backup', 'report']) states.record(runOf(name, 'heartbeat', up('called')), 0, 1);
  states.record(runOf('shop', 'http', LOST), 10, 20);
  expect(states.isBlind).toBe(true);
  states.record(runOf('job', 'heartbeat', up('called')), 30, 31);
  expect(states.isBlind).toBe(true);
  states.record(runOf('shop', 'http', up('fine')), 40, 50);
  expect(states.isBlind).toBe(false);
});

test('that a job has told of its failure is no matter of the network', async () => {
  const lost = { isLost: () => Promise.resolve(true) };
  const judge = async (verdict: Verdict) =>
    (await discountLostConnectivity(runOf('job', 'heartbeat', verdict), lost, [])).verdict.reason;
  expect(await judge(down('heartbeat_failed', 'found it failed'))).toBe('heartbeat_failed');
  expect(await judge(down('heartbeat_missed', 'found none'))).toBe('connectivity_lost');
});
