import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@tocsin/service/log';
import { Heartbeats } from '../../../src/kinds/heartbeat/heartbeats.ts';
import { FakeClock } from '../../fake-clock.ts';
import { makeNetwork } from '../../monitors.ts';
import { configure } from '../configured.ts';
import type { ContractSubject, ContractTarget } from '../contract.ts';
import { nobody, targetAt } from '../targets.ts';

const TOKEN = 'backup-0123456789abcdef';
const HOUR_MS = 3_600_000;

/** What a job has called to say, as the end of the URL and a body, and how long ago. */
interface Call {
  readonly agoMs: number;
  readonly path?: string;
  readonly body?: string;
}

/** A job whose calls have come over the real listener; they are judged now. */
const job =
  (calls: readonly Call[], settings: object = {}) =>
  async (): Promise<ContractTarget> => {
    const monitor = await configure({ name: 'backup', heartbeat: TOKEN, period: '1h', grace: '5m', ...settings });
    const folder = await mkdtemp(join(tmpdir(), 'tocsin-heartbeat-'));
    const nowMs = Date.now();
    const clock = new FakeClock(nowMs - (calls[0]?.agoMs ?? 0));
    const address = { host: '127.0.0.1', port: 0 };
    const heartbeats = new Heartbeats({
      folder,
      address,
      hosts: [],
      clock,
      log: silentLogger(),
      onRun() {},
      onRefused() {},
    });
    const url = await heartbeats.apply([monitor]);
    for (const { agoMs, path = '', body = '' } of calls) {
      await clock.advance(nowMs - agoMs - clock.wallMs());
      await (await fetch(`${url}/ping/${TOKEN}${path}`, { method: 'POST', body })).text();
    }
    const listener: AsyncDisposable = {
      async [Symbol.asyncDispose]() {
        await heartbeats.stop();
        await rm(folder, { recursive: true });
      },
    };
    return targetAt(listener, monitor, { ...makeNetwork(), heartbeats });
  };

/** What kind heartbeat brings to the contract of all kinds. Its runs read what came: they reach for nobody, so nothing can hang. */
export const heartbeatSubject: ContractSubject<'heartbeat'> = {
  kind: 'heartbeat',
  reachesNobody: true,
  up: job([{ agoMs: 1_000 }]),
  down: [
    ['heartbeat_missed', job([{ agoMs: 2 * HOUR_MS }])],
    ['heartbeat_missed', job([], { wait_for_first: false, period: '1ms', grace: '0s' })],
    ['heartbeat_overrun', job([{ agoMs: HOUR_MS / 2, path: '/start' }], { max_duration: '10m' })],
    ['heartbeat_failed', job([{ agoMs: 1_000, path: '/3', body: 'disk is full' }])],
    ['heartbeat_waiting', job([])],
    [
      'heartbeat_unheard',
      async () => targetAt(nobody, await configure({ name: 'backup', heartbeat: TOKEN, period: '1h' })),
    ],
  ],
  hanging: [],
  leaking: [[TOKEN], job([{ agoMs: 1_000, path: '/1', body: `my token is ${TOKEN}` }])],
};
