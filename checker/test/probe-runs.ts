import type { ProbeRun } from '../src/probe-run.ts';

/** When the run was that `makeRun` makes. */
export const START_MS = Date.parse('2026-11-22T12:00:00.250Z');

/** A run that is up, with three phases. */
export function makeRun(parts: Partial<ProbeRun> = {}): ProbeRun {
  return {
    monitor: 'shop',
    kind: 'http',
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    startUnixMs: START_MS,
    durationMs: 12.5,
    latenessMs: 3,
    verdict: { outcome: 'up', reason: 'ok', message: 'status 200 in 13ms' },
    phases: [
      { name: 'connect', hop: 0, startOffsetMs: 0.5, durationMs: 2, failed: false, attributes: { a: 'b' } },
      { name: 'request', hop: 0, startOffsetMs: 2.5, durationMs: 4, failed: false, attributes: {} },
      { name: 'request', hop: 1, startOffsetMs: 6.5, durationMs: 5, failed: false, attributes: {} },
    ],
    attributes: { 'url.full': 'http://a.test/', 'server.port': 80 },
    ...parts,
  };
}
