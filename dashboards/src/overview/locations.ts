import type { LocationVerdict } from '../queries/monitor-verdicts.ts';
import type { MonitorPhaseRow } from '../queries/monitor-phases.ts';
import type { MonitorRunsRow } from '../queries/monitor-runs.ts';
import type { LocationView, ProbeOutcome } from './monitor-types.ts';

/** What telemetry says of a monitor at one location. */
export interface LocationTelemetry {
  readonly name: string;
  readonly isSilent: boolean;
  /** `undefined` where no live checker there lists the monitor. */
  readonly verdict: LocationVerdict | undefined;
  readonly run: MonitorRunsRow | undefined;
  readonly phases: readonly MonitorPhaseRow[];
}

/** Points are stamped with the end of their run; runs of a monitor are at least a second apart. */
const SAME_RUN_MS = 100;
const PHASES = ['resolve', 'connect', 'starttls', 'tls', 'upgrade', 'request', 'transfer', 'dialogue', 'ping'];

/** A monitor as it looks from one location. */
export function viewLocation({ name, isSilent, verdict, run, phases }: LocationTelemetry): LocationView {
  const [, said = '', mutedBy = '', suppressedBy = ''] = verdict ?? [];
  const state = isSilent ? 'unknown' : readOutcome(said);
  return {
    name,
    state,
    isSilent,
    mutedBy,
    suppressedBy,
    ...tellRun(state, said !== '' && !isSilent, run),
    last: run && {
      atMs: run.last_at_ms,
      outcome: readOutcome(run.outcome),
      durationMs: run.duration_ms,
      traceId: run.trace_id,
    },
    phases: phases
      .filter(({ at_ms }) => run && Math.abs(at_ms - (run.last_at_ms + run.duration_ms)) < SAME_RUN_MS)
      .sort((a, b) => PHASES.indexOf(a.phase) - PHASES.indexOf(b.phase))
      .map(({ phase, duration_ms }) => ({ phase, durationMs: duration_ms })),
    recent: (run?.recent ?? [])
      .map(([minusAtMs, outcome, durationMs, traceId]) => ({
        atMs: -minusAtMs,
        outcome: readOutcome(outcome),
        durationMs,
        traceId,
      }))
      .reverse(),
  };
}

/** The last run in words, against what is confirmed. */
function tellRun(
  state: ProbeOutcome,
  isConfirmed: boolean,
  run: MonitorRunsRow | undefined,
): Pick<LocationView, 'reason' | 'message'> {
  if (!run) return { reason: '', message: '' };
  const outcome = readOutcome(run.outcome);
  if (outcome === 'up') {
    const message = state === 'down' ? 'The last run passed; that it is up again is not confirmed.' : '';
    return { reason: '', message };
  }
  const isOther = outcome !== 'unknown' && (!isConfirmed || outcome !== state);
  return { reason: run.reason, message: isOther ? `The last run, not confirmed: ${run.message}` : run.message };
}

/** Whatever is not a clear finding says nothing about the target. */
export function readOutcome(outcome: string): ProbeOutcome {
  return outcome === 'up' || outcome === 'degraded' || outcome === 'down' ? outcome : 'unknown';
}
