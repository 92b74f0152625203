import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { silentLogger } from '@tocsin/service/log';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HeartbeatMonitor } from '../../src/kinds/heartbeat/heartbeat-state.ts';
import type { HeartbeatRefusal } from '../../src/kinds/heartbeat/heartbeat-server.ts';
import { Heartbeats } from '../../src/kinds/heartbeat/heartbeats.ts';
import { judgeHeartbeat } from '../../src/kinds/heartbeat/judge-heartbeat.ts';
import type { ProbeRun } from '../../src/probe.ts';
import { FakeClock } from '../fake-clock.ts';
import { makeNetwork, probe } from '../monitors.ts';
import { configure } from './configured.ts';

const TOKEN = 'backup-0123456789abcdef';
const MINUTE = 60_000;

let folder: string;
let clock: FakeClock;
let runs: ProbeRun[];
let refused: HeartbeatRefusal[];
const open: Heartbeats[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-heartbeat-'));
  clock = new FakeClock();
  runs = [];
  refused = [];
});
afterEach(async () => {
  for (const heartbeats of open.splice(0)) await heartbeats.stop();
  await rm(folder, { recursive: true });
});

async function job(settings: Readonly<Record<string, unknown>> = {}): Promise<HeartbeatMonitor> {
  const monitor = await configure({ name: 'backup', heartbeat: TOKEN, period: '1h', grace: '5m', ...settings });
  if (monitor.kind !== 'heartbeat') throw new Error('expected a heartbeat');
  return monitor;
}

async function listen(
  monitor: HeartbeatMonitor,
  hosts: readonly string[] = [],
): Promise<{ url: string; heartbeats: Heartbeats }> {
  const heartbeats = new Heartbeats({
    folder,
    address: { host: '127.0.0.1', port: 0 },
    hosts,
    clock,
    log: silentLogger(),
    onRun: (run) => runs.push(run),
    onRefused: (reason) => refused.push(reason),
  });
  open.push(heartbeats);
  const url = await heartbeats.apply([monitor]);
  return { url: `${url}/ping/${TOKEN}`, heartbeats };
}

async function call(url: string, body?: string): Promise<number> {
  const response = await fetch(url, body === undefined ? {} : { method: 'POST', body });
  await response.text();
  return response.status;
}

function statusWithHost(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

const judge = (heartbeats: Heartbeats, monitor: HeartbeatMonitor) =>
  judgeHeartbeat(monitor, heartbeats.read(monitor), clock.wallMs());

describe('a job', () => {
  test('that never called is unknown, and missed where that is configured', async () => {
    const monitor = await job();
    const { heartbeats } = await listen(monitor);
    await clock.advance(3 * 60 * MINUTE);
    expect(judge(heartbeats, monitor)).toMatchObject({ outcome: 'unknown', reason: 'heartbeat_waiting' });
    const strict = await job({ wait_for_first: false });
    expect(judge(heartbeats, strict)).toMatchObject({ outcome: 'down', reason: 'heartbeat_missed' });
  });

  test('that calls in time is up; one that does not is down after its grace, with when it was expected and last seen', async () => {
    const monitor = await job();
    const { url, heartbeats } = await listen(monitor);
    expect(await call(url)).toBe(200);
    await clock.advance(64 * MINUTE);
    expect(judge(heartbeats, monitor)).toMatchObject({ outcome: 'up' });
    await clock.advance(2 * MINUTE);
    const verdict = judge(heartbeats, monitor);
    expect(verdict).toMatchObject({ outcome: 'down', reason: 'heartbeat_missed' });
    expect(verdict.message).toMatch(/by \S+Z and 5m of grace, found the last at \S+Z$/);
    await call(url);
    expect(judge(heartbeats, monitor)).toMatchObject({ outcome: 'up' });
  });

  test('that runs longer than it may is down while it runs, and its run is as long as it was', async () => {
    const monitor = await job({ max_duration: '10m' });
    const { url, heartbeats } = await listen(monitor);
    await call(`${url}/start`);
    await clock.advance(9 * MINUTE);
    expect(judge(heartbeats, monitor)).toMatchObject({ outcome: 'up' });
    await clock.advance(2 * MINUTE);
    expect(judge(heartbeats, monitor)).toMatchObject({ outcome: 'down', reason: 'heartbeat_overrun' });
    await call(url);
    expect(judge(heartbeats, monitor)).toMatchObject({ outcome: 'up' });
    expect(runs).toMatchObject([
      { monitor: 'backup', kind: 'heartbeat', durationMs: 11 * MINUTE, verdict: { outcome: 'up' } },
    ]);
  });

  test('that failed is down with its exit code and the end of its output, until it succeeds', async () => {
    const monitor = await job();
    const { url, heartbeats } = await listen(monitor);
    await call(`${url}/3`, `${'noise\n'.repeat(50_000)}disk is full`);
    const verdict = judge(heartbeats, monitor);
    expect(verdict).toMatchObject({ outcome: 'down', reason: 'heartbeat_failed' });
    expect(verdict.message).toContain('with exit code 3');
    expect(verdict.message).toContain('disk is full');
    expect(heartbeats.read(monitor).ended?.output).toMatch(/^…[^]{4096}$/);
    expect(runs[0]).toMatchObject({ verdict: { outcome: 'down' }, attributes: { 'process.exit.code': 3 } });
    await call(`${url}/0`);
    expect(judge(heartbeats, monitor)).toMatchObject({ outcome: 'up' });
    await call(`${url}/fail`);
    expect(judge(heartbeats, monitor)).toMatchObject({ outcome: 'down' });
  });

  test('by a cron in a zone is due at its next occurrence, though it calls a little early', async () => {
    const monitor = await job({ period: undefined, cron: '0 2 * * *', timezone: 'Europe/Riga' });
    const { url, heartbeats } = await listen(monitor);
    await call(url);
    const due = new Date(heartbeats.read(monitor).dueUnixMs);
    expect(new Intl.DateTimeFormat('en', { timeZone: 'Europe/Riga', hour: 'numeric', hour12: false }).format(due)).toBe(
      '02',
    );
  });

  test('is told by a probe as everything else is, without its token', async () => {
    const monitor = await job();
    const { url, heartbeats } = await listen(monitor);
    await call(`${url}/1`, `token is ${TOKEN}`);
    const run = await probe(monitor, { ...makeNetwork(), heartbeats });
    expect(run.verdict).toMatchObject({ outcome: 'down', reason: 'heartbeat_failed' });
    expect(JSON.stringify(run)).not.toContain(TOKEN);
    expect((await probe(monitor)).verdict).toMatchObject({ outcome: 'unknown', reason: 'heartbeat_unheard' });
  });
});

describe('a restart', () => {
  test('forgets nothing, and a call that was due meanwhile is unknown, not missed', async () => {
    const monitor = await job();
    const first = await listen(monitor);
    await call(first.url);
    await clock.advance(50 * MINUTE);
    await first.heartbeats.stop();
    await clock.advance(30 * MINUTE);
    const second = await listen(monitor);
    expect(second.heartbeats.read(monitor).ended?.isSuccess).toBe(true);
    expect(judge(second.heartbeats, monitor)).toMatchObject({ outcome: 'unknown', reason: 'heartbeat_unheard' });
    await clock.advance(64 * MINUTE);
    expect(judge(second.heartbeats, monitor)).toMatchObject({ outcome: 'unknown' });
    await clock.advance(2 * MINUTE);
    expect(judge(second.heartbeats, monitor)).toMatchObject({ outcome: 'down', reason: 'heartbeat_missed' });
  });

  test('between two calls changes nothing, and one that was missed before it stays missed', async () => {
    const monitor = await job();
    const first = await listen(monitor);
    await call(first.url);
    await clock.advance(10 * MINUTE);
    await first.heartbeats.stop();
    await clock.advance(MINUTE);
    const second = await listen(monitor);
    await clock.advance(56 * MINUTE);
    expect(judge(second.heartbeats, monitor)).toMatchObject({ reason: 'heartbeat_missed' });
    await second.heartbeats.stop();
    await clock.advance(10 * MINUTE);
    const third = await listen(monitor);
    expect(judge(third.heartbeats, monitor)).toMatchObject({ outcome: 'down', reason: 'heartbeat_missed' });
  });

  test('with another expectation begins to reckon anew', async () => {
    const first = await listen(await job());
    await call(first.url);
    await first.heartbeats.stop();
    const monitor = await job({ period: '10m' });
    const second = await listen(monitor);
    await clock.advance(14 * MINUTE);
    expect(judge(second.heartbeats, monitor)).toMatchObject({ outcome: 'up' });
    await clock.advance(2 * MINUTE);
    expect(judge(second.heartbeats, monitor)).toMatchObject({ reason: 'heartbeat_missed' });
  });
});

describe('the listener', () => {
  test('takes no wrong token, path, method, host or page, and counts each', async () => {
    const { url } = await listen(await job());
    const base = url.replace(/\/ping.*/, '');
    expect(await call(`${base}/ping/backup-0123456789abcdeX`)).toBe(404);
    expect(await call(`${base}/`)).toBe(404);
    expect(await call(`${url}/999`)).toBe(404);
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(405);
    expect(await statusWithHost(url, 'evil.example')).toBe(403);
    expect((await fetch(url, { headers: { origin: 'https://evil.example' } })).status).toBe(403);
    expect(refused).toEqual([
      'unknown_token',
      'bad_request',
      'bad_request',
      'bad_request',
      'foreign_host',
      'foreign_host',
    ]);
    expect(runs).toEqual([]);
  });

  test('answers under the names it is given, and HEAD and log', async () => {
    const monitor = await job();
    const { url, heartbeats } = await listen(monitor, ['beats.example']);
    expect(await statusWithHost(url, 'beats.example:8443')).toBe(200);
    expect(await statusWithHost(url, 'evil.example')).toBe(403);
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(200);
    expect(await call(`${url}/log`, 'half done')).toBe(200);
    expect(heartbeats.read(monitor).ended?.output).toBe('half done');
    expect(runs).toHaveLength(2);
  });

  test('takes 60 calls a minute of one job', async () => {
    const { url } = await listen(await job());
    const answers: number[] = [];
    for (let count = 0; count < 62; count += 1) answers.push(await call(url));
    expect(answers.filter((status) => status === 200)).toHaveLength(60);
    expect(answers.slice(60)).toEqual([429, 429]);
    await clock.advance(MINUTE);
    expect(await call(url)).toBe(200);
  });
});

test('while the disk takes nothing the checker goes on, a call counts, and the job is told that it is not kept', async () => {
  const monitor = await job();
  const { url, heartbeats } = await listen(monitor);
  // Another's transaction refuses writes as a full disk does: with an error of SQLite.
  const other = new DatabaseSync(join(folder, 'heartbeats.sqlite'));
  other.exec('BEGIN IMMEDIATE');
  await clock.advance(5 * MINUTE);
  expect([await call(url), refused]).toEqual([503, ['not_kept']]);
  expect(judge(heartbeats, monitor).outcome).toBe('up');
  other.exec('COMMIT');
  other.close();
  await clock.advance(MINUTE);
  expect(await call(`${url}/log`)).toBe(200);
  await heartbeats.stop();
  const again = await listen(monitor);
  expect(judge(again.heartbeats, monitor).outcome).toBe('up');
});

test('what the disk did not take is written once it does, with no further call', async () => {
  const monitor = await job();
  const { url, heartbeats } = await listen(monitor);
  const other = new DatabaseSync(join(folder, 'heartbeats.sqlite'));
  other.exec('BEGIN IMMEDIATE');
  expect(await call(url)).toBe(503);
  other.exec('COMMIT');
  other.close();
  await clock.advance(MINUTE);
  await heartbeats.stop();
  const again = await listen(monitor);
  expect(judge(again.heartbeats, monitor).outcome).toBe('up');
});
