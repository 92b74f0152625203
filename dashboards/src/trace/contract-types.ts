import type { Part } from '../part-types.ts';
import type { TraceLogRow } from '../queries/trace-logs.ts';
import type { TraceSpanRow } from '../queries/trace-spans.ts';

/** A span at its place in the waterfall. */
export interface WaterfallRow {
  readonly span: TraceSpanRow;
  readonly depth: number;
  /** Start against the trace's begin, in ms; never negative. */
  readonly offsetMs: number;
  /** Its parent is not among the spans shown (not sent, not arrived, or cut off). */
  readonly orphan: boolean;
}

/** A trace laid out. */
export interface Waterfall {
  readonly rows: readonly WaterfallRow[];
  readonly startMs: number;
  /** From the first start to the last end, in ms. */
  readonly durationMs: number;
  readonly services: readonly string[];
  readonly errors: number;
}

/** A trace and what was logged in it. */
export interface TraceView {
  readonly traceId: string;
  readonly waterfall: Waterfall;
  /** How many spans the trace has in all; `waterfall` may hold fewer. */
  readonly totalSpans: number;
  readonly logs: Part<readonly TraceLogRow[]>;
}

export interface TraceContract {
  'GET /api/v1/traces/:id': { readonly input: { readonly id: string }; readonly answer: TraceView };
}
