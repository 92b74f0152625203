import { randomBytes } from 'node:crypto';
import type { Monitor } from '@tocsin/service/config';
import type { Logger } from '@tocsin/service/log';
import type { Clock } from './clock.ts';
import type { Network } from './kinds/kind.ts';
import { kindOf } from './kinds/registry.ts';
import { hideInObservation } from './secrets/hide-in-observation.ts';
import { hideSecrets } from './secrets/hide-secrets.ts';
import { secretsOf } from './secrets/collect-secrets.ts';
import type { ProbeRun } from './probe-run.ts';
import type { Stalls } from './stalls.ts';
import { unknown } from './verdict.ts';

/** What all runs share. */
export interface ProbeEnvironment {
  readonly clock: Clock;
  readonly network: Network;
  readonly stalls: Stalls;
  readonly log: Logger;
}

export interface ProbeRequest {
  readonly monitor: Monitor;
  readonly latenessMs: number;
  readonly signal: AbortSignal;
}

/**
 * Runs one monitor's probe once, as a trace of its own.
 * @returns `undefined` where the signal ended it; a mistake of ours is an outcome too (`unknown`, `internal_error`)
 */
export async function runProbe(
  { clock, network, stalls, log }: ProbeEnvironment,
  { monitor, latenessMs, signal }: ProbeRequest,
): Promise<ProbeRun | undefined> {
  const ids = randomBytes(24).toString('hex');
  const traceId = ids.slice(0, 32);
  const spanId = ids.slice(32);
  const startUnixMs = clock.wallMs();
  const startMs = clock.monotonicMs();
  const base = { monitor: monitor.name, kind: monitor.kind, traceId, spanId, startUnixMs, latenessMs };
  // W3C Trace Context, "traceparent": version 00, flag 01 (sampled), so that the app records its side.
  const traceparent = `00-${traceId}-${spanId}-01`;
  const secrets = secretsOf(monitor);
  try {
    const observation = await kindOf(monitor).probe(monitor, { clock, network, stalls, traceparent, secrets, signal });
    return (
      observation && { ...base, ...hideInObservation(observation, secrets), durationMs: clock.monotonicMs() - startMs }
    );
  } catch (error) {
    // Some errors of Node quote what they were given.
    const stack = hideSecrets(error instanceof Error ? (error.stack ?? error.message) : String(error), secrets);
    log.error({ monitor: monitor.name, stack }, 'a probe failed in the checker itself');
    const verdict = unknown('internal_error', 'the checker failed; its log says more');
    return { ...base, verdict, phases: [], attributes: {}, durationMs: clock.monotonicMs() - startMs };
  }
}
