import type { MonitorKind } from '@tocsin/service/config';
import type { AttributeMap } from './attributes.ts';
import type { Evidence } from './evidence.ts';
import type { Phase } from './phases.ts';
import type { Outcome, Verdict } from './verdict.ts';

/**
 * One stop of a run that has several: a redirect's, a flow's step. Each becomes a span of its own between the root and its phases
 * (those whose `hop` is this one's place in the list) as soon as there are two.
 */
export interface Hop {
  /** The span's name, short and free of secrets, as `GET 302` or `step login`. */
  readonly name: string;
  /** On the run's own time line. */
  readonly startOffsetMs: number;
  readonly durationMs: number;
  /** True where the run ended here without being up. */
  readonly failed: boolean;
  /** As `url.full` and `http.response.status_code`; no secrets. */
  readonly attributes: AttributeMap;
}

/** Further numbers of a kind, by the name of their gauge: times in seconds, loss from 0 to 1. */
export type KindGauges = Partial<
  Record<
    | 'tocsin.probe.tls.earliest_not_after'
    | 'tocsin.probe.tls.verified_not_after'
    | 'tocsin.probe.domain.not_after'
    | 'tocsin.probe.icmp.loss'
    | 'tocsin.probe.icmp.rtt'
    | 'tocsin.probe.icmp.jitter',
    number
  >
>;

/** What a kind found out about a target in one run. */
export interface Observation {
  readonly verdict: Verdict;
  /** In the order in which they began; only those that happened. */
  readonly phases: readonly Phase[];
  /** Attributes of the root span in OpenTelemetry's semantic conventions; no secrets. */
  readonly attributes: AttributeMap;
  /** What the target said, made by `collectEvidence`; none where all is well. */
  readonly evidence?: Evidence;
  /** In order; only for a run with more than one stop. */
  readonly hops?: readonly Hop[];
  /** The end that expectations count: of the earliest certificate that the server presented, of kind tls of the verified path. Unix time in seconds. */
  readonly tlsNotAfterUnixS?: number;
  readonly gauges?: Readonly<KindGauges>;
}

/** How a run stands among the others of its monitor. */
export interface RunMarks {
  /** 1, or more where it looks again at a failure that is not confirmed yet. */
  readonly attempt: number;
  /** What the monitor is said to be after it; absent while nothing is confirmed. */
  readonly state?: Outcome;
  readonly isInMaintenance: boolean;
  /** Availability leaves it out. */
  readonly isExcluded: boolean;
  /** The monitor whose failure explains this one's. */
  readonly suppressedBy?: string;
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
  readonly marks?: RunMarks;
}
