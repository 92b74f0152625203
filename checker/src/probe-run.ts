import type { MonitorKind } from '@tocsin/service/config';
import type { AttributeMap } from './attributes.ts';
import type { Phase } from './phases.ts';
import type { Verdict } from './verdict.ts';

/** What a kind found out about a target in one run. */
export interface Observation {
  readonly verdict: Verdict;
  /** In the order in which they began; only those that happened. */
  readonly phases: readonly Phase[];
  /** Attributes of the root span in OpenTelemetry's semantic conventions; no secrets. */
  readonly attributes: AttributeMap;
  /** When the earliest certificate of the chain expires, Unix time in seconds. */
  readonly tlsNotAfterUnixS?: number;
}

/** One finished run of one monitor: what becomes a trace and metrics. */
export interface ProbeRun extends Observation {
  readonly monitor: string;
  readonly kind: MonitorKind;
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** The root span's id, 16 hexadecimal digits: what the target got as its parent. */
  readonly spanId: string;
  /** Time of day at which the run began, milliseconds since the Unix epoch. */
  readonly startUnixMs: number;
  readonly durationMs: number;
  /** How much later than planned it began; 0 for a run that was not planned. */
  readonly latenessMs: number;
}
