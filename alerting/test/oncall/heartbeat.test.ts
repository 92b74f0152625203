import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { silentLogger } from '@tocsin/service/log';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findTrouble, type Vitals } from '../../src/oncall/heartbeat/find-trouble.ts';
import { createHeartbeat, type Heartbeat } from '../../src/oncall/heartbeat/heartbeat.ts';

const NOW_MS = Date.UTC(2026, 10, 20, 10);
const rule = { group: 'g', name: 'Down', intervalMs: 30_000, evaluatedAtMs: NOW_MS - 20_000 };
const WELL: Vitals = {
  rules: [rule],
  appliedAtMs: NOW_MS - 3_600_000,
  tickedAtMs: NOW_MS - 100,
  audit: { atMs: NOW_MS - 50_000, found: 0 },
  overdueNotifications: 0,
};

describe('all is well', () => {
  test('while rules are evaluated, groups looked at, incidents audited and notifications tried', () => {
    expect(findTrouble(WELL, NOW_MS)).toEqual([]);
    expect(findTrouble({ ...WELL, rules: [] }, NOW_MS)).toEqual([]);
  });

  test.each<[string, Partial<Vitals>]>([
    ['1 rules were not evaluated in time: g/Down', { rules: [{ ...rule, evaluatedAtMs: NOW_MS - 120_001 }] }],
    ['1 rules were not evaluated in time: g/Down', { rules: [{ ...rule, evaluatedAtMs: undefined }] }],
    ['groups and steps are not looked at', { tickedAtMs: NOW_MS - 30_001 }],
    ['groups and steps are not looked at', { tickedAtMs: undefined }],
    ['incidents are not audited', { audit: undefined }],
    ['incidents are not audited', { audit: { atMs: NOW_MS - 180_001, found: 0 } }],
    ['the audit found 2 incidents stranded', { audit: { atMs: NOW_MS, found: 2 } }],
    ['3 notifications are overdue', { overdueNotifications: 3 }],
  ])('no longer: %s', (sentence, change) => {
    expect(findTrouble({ ...WELL, ...change }, NOW_MS)).toEqual([sentence]);
  });

  test('of rules that were just taken in, which have yet to be evaluated', () => {
    const fresh = { ...WELL, appliedAtMs: NOW_MS - 100_000, rules: [{ ...rule, evaluatedAtMs: undefined }] };
    expect(findTrouble(fresh, NOW_MS)).toEqual([]);
  });
});

describe('the heartbeat', () => {
  let server: Server;
  let calls: string[];
  let status: number;
  let trouble: string[];
  let counted: string[];
  let url: string;
  let heartbeat: Heartbeat;
  beforeEach(async () => {
    calls = [];
    counted = [];
    trouble = [];
    status = 200;
    server = createServer((request, response) => {
      calls.push(`${request.method} ${request.url}`);
      response.writeHead(status).end('ok');
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ping/abc`;
    heartbeat = createHeartbeat({
      findTrouble: () => trouble,
      telemetry: { countHeartbeat: (outcome) => void counted.push(outcome) },
      log: silentLogger(),
    });
  });
  afterEach(async () => {
    await heartbeat.stop();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });

  test('calls the URL while all is well, and stops when not', async () => {
    heartbeat.apply({ url, intervalMs: 60_000 });
    expect(await heartbeat.beat()).toBe('sent');
    trouble = ['incidents are not audited'];
    expect(await heartbeat.beat()).toBe('withheld');
    expect(calls).toEqual(['GET /ping/abc']);
    expect(counted).toEqual(['sent', 'withheld']);
  });

  test('that is not taken, or does not get through, is counted and nothing more', async () => {
    heartbeat.apply({ url, intervalMs: 60_000 });
    status = 404;
    expect(await heartbeat.beat()).toBe('failed');
    heartbeat.apply({ url: 'http://127.0.0.1:1/', intervalMs: 60_000 });
    expect(await heartbeat.beat()).toBe('failed');
    expect(counted).toEqual(['failed', 'failed']);
  });

  test('goes on by itself in its interval, and ends when it is taken out of the configuration', async () => {
    heartbeat.apply({ url, intervalMs: 5 });
    await expect.poll(() => calls.length, { timeout: 10_000 }).toBeGreaterThan(2);
    heartbeat.apply(undefined);
    await heartbeat.stop();
    // One that was under way may still arrive; none is sent after it.
    const { length } = calls;
    await new Promise((done) => setTimeout(done, 100));
    expect(calls.length).toBeLessThanOrEqual(length + 1);
  });
});
