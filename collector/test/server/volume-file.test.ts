import { hash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@tocsin/service/log';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createGate, type Gate } from '../../src/server/access/gate.ts';
import { keepVolumes } from '../../src/server/access/volume-file.ts';
import { SIGNALS } from '../../src/signal.ts';

const NOON_MS = Date.UTC(2026, 10, 22, 12);
const DAY_MS = 86_400_000;

async function makePath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-volumes-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'key-volumes.json');
}

/** A collector's gate as after a start at that time: `shop` and `other` may each send 100 bytes a day. */
function startGate(nowMs = NOON_MS) {
  const limits = { signals: SIGNALS, requestsPerSecond: undefined, bytesPerSecond: undefined, dailyBytes: 100 };
  const keys = ['shop', 'other'].map((name) => ({ name, sha256: hash('sha256', `key-of-${name}`), ...limits }));
  return createGate({ keys, internalKey: undefined, now: () => nowMs });
}

function send(gate: Gate, name: string, sizeBytes: number, nowMs = NOON_MS): string {
  const admission = gate.admit({ apiKey: `key-of-${name}` }, 'logs', true);
  if (admission.status === 'refused') return admission.reason;
  admission.client?.charge(sizeBytes, nowMs);
  return admission.status;
}

test('what a key has sent today counts after a restart, and no more the day after', async () => {
  const path = await makePath();
  const first = startGate();
  const kept = await keepVolumes({ path, gate: first, log: silentLogger() });
  expect(send(first, 'shop', 60)).toBe('ok');
  await kept.stop();
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ day: '2026-11-22', bytes: { shop: 60 } });

  const second = startGate();
  const again = await keepVolumes({ path, gate: second, log: silentLogger() });
  expect([send(second, 'shop', 40), send(second, 'shop', 1), send(second, 'other', 1)]).toEqual([
    'ok',
    'volume_exceeded',
    'ok',
  ]);
  await again.stop();

  const tomorrow = startGate(NOON_MS + DAY_MS);
  await (await keepVolumes({ path, gate: tomorrow, log: silentLogger() })).stop();
  expect(send(tomorrow, 'shop', 1, NOON_MS + DAY_MS)).toBe('ok');
});

test('it is written while the collector runs, so that a kill forgets little', async () => {
  const path = await makePath();
  const gate = startGate();
  const kept = await keepVolumes({ path, gate, log: silentLogger(), intervalMs: 20 });
  onTestFinished(() => kept.stop());
  send(gate, 'shop', 7);
  await vi.waitFor(async () => expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ bytes: { shop: 7 } }), {
    timeout: 15_000,
  });
});

test.each(['', '{"day":"2026-11-22","bytes":{"shop":-1}}', '{"day":"2026-11-22"}', 'null', '{"day":1,"bytes":{}}'])(
  'a damaged file is said and stops nothing: %j',
  async (text) => {
    const path = await makePath();
    await writeFile(path, text);
    const gate = startGate();
    const log = silentLogger();
    const warn = vi.spyOn(log, 'warn');
    onTestFinished(() => warn.mockRestore());
    const kept = await keepVolumes({ path, gate, log });
    expect(warn).toHaveBeenCalledWith({ path }, expect.stringContaining('damaged'));
    expect(send(gate, 'shop', 5)).toBe('ok');
    await kept.stop();
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ bytes: { shop: 5 } });
  },
);

test('a folder that is not there is said once and stops nothing', async () => {
  const gate = startGate();
  const log = silentLogger();
  const warn = vi.spyOn(log, 'warn');
  onTestFinished(() => warn.mockRestore());
  const kept = await keepVolumes({ path: join(await makePath(), 'none/key-volumes.json'), gate, log, intervalMs: 5 });
  send(gate, 'shop', 5);
  await vi.waitFor(() => expect(warn).toHaveBeenCalled(), { timeout: 15_000 });
  await kept.stop();
  expect(warn).toHaveBeenCalledTimes(1);
});
