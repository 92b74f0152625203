import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { silentLogger } from '@tocsin/service/log';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createHistoryExport, type HistoryExport } from '../../src/oncall/history/history-export.ts';
import { createHistoryStore } from '../../src/oncall/history/history-store.ts';
import { createLogPoster } from '../../src/oncall/history/post-logs.ts';
import { meanTimes } from '../../src/oncall/mean-times.ts';
import { Scenario, START_MS } from '../notify/scenario.ts';
import { DOWN, USUAL } from './desk-scenario.ts';

interface LogRecord {
  readonly eventName: string;
  readonly timeUnixNano: string;
  readonly severityNumber: number;
  readonly body: { readonly stringValue: string };
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue: string } }[];
}

/** A collector that keeps what it was sent, once for each key, and answers as it is told. */
class Collector {
  status = 200;
  body = '{}';
  readonly requests: IncomingHttpHeaders[] = [];
  readonly stored = new Map<string, readonly LogRecord[]>();
  readonly #server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      this.requests.push(request.headers);
      const parsed = JSON.parse(Buffer.concat(chunks).toString()) as {
        resourceLogs: { scopeLogs: { logRecords: LogRecord[] }[] }[];
      };
      if (this.status === 200)
        this.stored.set(
          `${request.url} ${String(request.headers['idempotency-key'])}`,
          parsed.resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords)),
        );
      if (this.status === 0) response.destroy();
      else response.writeHead(this.status, { 'content-type': 'application/json' }).end(this.body);
    });
  });

  async listen(): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get names(): string[] {
    return [...this.stored.values()].flat().map(({ eventName }) => eventName);
  }

  async close(): Promise<void> {
    await new Promise((done) => this.#server.close(done));
  }
}

let collector: Collector;
let url: string;
let scenario: Scenario;
let counted: string[];
const exports: HistoryExport[] = [];
beforeEach(async () => {
  collector = new Collector();
  url = await collector.listen();
  counted = [];
  scenario = await Scenario.begin(USUAL);
  scenario.push([DOWN]);
  await scenario.until('2s');
});
afterEach(async () => {
  for (const one of exports.splice(0)) await one.stop();
  await scenario.end();
  await collector.close();
});
const makeExport = (): HistoryExport => {
  const made = createHistoryExport({
    history: createHistoryStore(scenario.database),
    poster: () => createLogPoster(url, { internalKey: 'k'.repeat(32), version: '1.2.3' }),
    telemetry: { countExported: (outcome, count) => void counted.push(`${outcome} ${count}`) },
    log: silentLogger(),
    now: () => scenario.nowMs,
  });
  exports.push(made);
  return made;
};
const note = (text: string): void => void scenario.notifier.oncall.desk.note('i1', 'ana', text, scenario.nowMs);

describe('the history', () => {
  test('goes to the collector as logs, each event once', async () => {
    const history = makeExport();
    expect(await history.send(scenario.nowMs)).toBe(true);
    expect(await history.send(scenario.nowMs)).toBe(true);
    note('it is the disk');
    await history.send(scenario.nowMs);
    expect(collector.names).toEqual([
      'tocsin.incident.fired',
      'tocsin.incident.asked',
      'tocsin.incident.delivered',
      'tocsin.incident.note',
    ]);
    expect(collector.requests).toHaveLength(2);
    expect(counted).toEqual(['stored 3', 'stored 1']);
    expect(collector.requests[0]).toMatchObject({
      authorization: `Bearer ${'k'.repeat(32)}`,
      'idempotency-key': expect.stringMatching(/^"[0-9a-f-]{36}\/1"$/) as string,
    });
    const record = [...collector.stored.values()].flat().at(-1);
    expect(record).toMatchObject({ body: { stringValue: 'it is the disk' }, severityNumber: 9 });
    expect(record?.timeUnixNano).toBe(`${scenario.nowMs}000000`);
    expect(Object.fromEntries((record?.attributes ?? []).map(({ key, value }) => [key, value.stringValue]))).toEqual({
      'tocsin.incident.id': 'i1',
      'tocsin.incident.receiver': 'oncall',
      'tocsin.incident.severity': 'page',
      'tocsin.incident.group_key': '{}:{alertname="Down"}',
      'tocsin.incident.actor': 'ana',
      'tocsin.incident.label.alertname': 'Down',
    });
  });

  test.each([503, 429, 401, 0])(
    'waits while the collector answers %d, and is sent under the same key then',
    async (status) => {
      collector.status = status;
      const history = makeExport();
      expect(await history.send(scenario.nowMs)).toBe(false);
      note('meanwhile');
      collector.status = 200;
      expect(await history.send(scenario.nowMs)).toBe(true);
      const keys = collector.requests.map((headers) => headers['idempotency-key']);
      expect(keys[1]).toBe(keys[0]);
      expect([...collector.stored.values()].map((records) => records.length)).toEqual([3, 1]);
      expect(counted).toEqual(['failed 3', 'stored 3', 'stored 1']);
    },
  );

  test('of a process that was killed after the collector had it is sent again under the same key, and what came since under another', async () => {
    collector.status = 500;
    await makeExport().send(scenario.nowMs);
    note('meanwhile');
    collector.status = 200;
    await makeExport().send(scenario.nowMs);
    const [first, second, third] = collector.requests.map((headers) => String(headers['idempotency-key']));
    expect(second).toBe(first);
    expect(third?.split('/')[0]).not.toBe(first?.split('/')[0]);
    expect(collector.names).toEqual([
      'tocsin.incident.fired',
      'tocsin.incident.asked',
      'tocsin.incident.delivered',
      'tocsin.incident.note',
    ]);
  });

  test('that the collector will never take is given up and counted; so is what it refuses of a batch', async () => {
    collector.status = 400;
    const history = makeExport();
    expect(await history.send(scenario.nowMs)).toBe(true);
    note('next');
    collector.status = 200;
    collector.body = '{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"too_old"}}';
    await history.send(scenario.nowMs);
    expect(counted).toEqual(['stored 0', 'dropped 3', 'stored 0', 'dropped 1']);
  });

  test('waits for seven days, and no longer', async () => {
    collector.status = 503;
    const history = makeExport();
    await history.send(scenario.nowMs);
    await history.send(scenario.nowMs + 6 * 86_400_000);
    expect(counted).toEqual(['failed 3', 'failed 3']);
    collector.status = 200;
    await history.send(scenario.nowMs + 8 * 86_400_000);
    expect(counted.at(-1)).toBe('dropped 3');
    expect(collector.names).toEqual([]);
  });

  test('of an incident that is forgotten has gone out before', async () => {
    scenario.push([], [DOWN]);
    await scenario.until('3m');
    const { incidents } = scenario.notifier.oncall;
    expect(incidents.forgetOld(scenario.nowMs + 91 * 86_400_000)).toBe(0);
    await makeExport().send(scenario.nowMs);
    expect(incidents.forgetOld(scenario.nowMs + 89 * 86_400_000)).toBe(0);
    expect(incidents.forgetOld(scenario.nowMs + 91 * 86_400_000)).toBe(1);
    expect(incidents.timeline('i1')).toEqual([]);
  });
});

test('the mean times are of those that were acknowledged, and of those that are over', async () => {
  const mean = () => meanTimes(scenario.database, START_MS, scenario.nowMs + 1);
  expect(mean()).toEqual({
    incidents: 1,
    acknowledged: 0,
    resolved: 0,
    meanToAcknowledgeMs: undefined,
    meanToResolveMs: undefined,
  });
  await scenario.until('61s');
  scenario.notifier.oncall.desk.acknowledge('i1', 'ana', scenario.nowMs);
  scenario.push([], [DOWN]);
  await scenario.until('3m');
  expect(mean()).toMatchObject({ acknowledged: 1, resolved: 1, meanToAcknowledgeMs: 60_000, meanToResolveMs: 120_000 });
  expect(meanTimes(scenario.database, START_MS, scenario.nowMs, 'other')).toMatchObject({ incidents: 0 });
});
