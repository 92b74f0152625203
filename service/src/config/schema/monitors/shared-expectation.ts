import type { z } from 'zod';
import { type latency, type LatencyPhase, severity } from './expectations.ts';
import type { Severity } from '../severity.ts';

/** A limit on the time of a phase or of the whole run (`total`). */
export interface LatencyLimit {
  readonly phase: LatencyPhase;
  readonly maxMs: number;
  readonly severity: Severity;
}

/** How bad it is that an expectation is not met; without a word each has a default of its own. */
export const ownSeverity = severity.unwrap().optional();

interface LatencyEntry {
  readonly latency?: z.output<typeof latency> | undefined;
  readonly severity?: Severity | undefined;
}

/** The limits on time of all entries. */
export function latencyLimitsOf(entries: readonly LatencyEntry[]): readonly LatencyLimit[] {
  return entries.flatMap((entry) =>
    (entry.latency ?? []).map((limit) => ({ ...limit, severity: entry.severity ?? 'down' })),
  );
}
