import type { Clock } from './clock.ts';
import type { AttributeMap } from './attributes.ts';

/** The parts of a run in the order in which they happen. */
export const PHASE_NAMES = [
  'resolve',
  'connect',
  'starttls',
  'tls',
  'request',
  'upgrade',
  'transfer',
  'dialogue',
  'ping',
] as const;
export type PhaseName = (typeof PHASE_NAMES)[number];

/** A part of a run that happened, on the run's own time line. */
export interface Phase {
  readonly name: PhaseName;
  /** 0 for the configured URL, 1 for where its redirect led, and so on. */
  readonly hop: number;
  readonly startOffsetMs: number;
  readonly durationMs: number;
  /** True where the run ended in this phase without getting through it. */
  readonly failed: boolean;
  readonly attributes: AttributeMap;
}

interface OpenPhase {
  readonly name: PhaseName;
  readonly hop: number;
  readonly startOffsetMs: number;
}

/** Takes down the phases of one run. At most one is open; beginning the next ends it. */
export class PhaseRecorder {
  readonly #clock: Clock;
  readonly #startMs: number;
  readonly #phases: Phase[] = [];
  #open: OpenPhase | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startMs = clock.monotonicMs();
  }

  /** Milliseconds since the run began. */
  elapsedMs(): number {
    return this.#clock.monotonicMs() - this.#startMs;
  }

  begin(name: PhaseName, hop: number): void {
    this.end();
    this.#open = { name, hop, startOffsetMs: this.elapsedMs() };
  }

  /** Ends the open phase, if there is one. */
  end(attributes: AttributeMap = {}): void {
    this.#close(false, attributes);
  }

  /** Forgets the open phase: what it was for is tried in another way. */
  drop(): void {
    this.#open = undefined;
  }

  /** Ends the open phase as the one in which the run failed. */
  fail(): void {
    this.#close(true, {});
  }

  /** The phase that is open now. */
  get current(): PhaseName | undefined {
    return this.#open?.name;
  }

  get phases(): readonly Phase[] {
    return this.#phases;
  }

  #close(failed: boolean, attributes: AttributeMap): void {
    const open = this.#open;
    if (!open) return;
    this.#open = undefined;
    this.#phases.push({ ...open, durationMs: this.elapsedMs() - open.startOffsetMs, failed, attributes });
  }
}
