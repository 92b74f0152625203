import type { Part } from '../part-types.ts';
import type { SpanDetailsRow } from '../queries/span-details.ts';
import type { SpanValueRow } from '../queries/span-value.ts';
import type { TraceLogRow } from '../queries/trace-logs.ts';
import type { TraceSpanRow } from '../queries/trace-spans.ts';

/** From and to against the trace's begin, in ms. */
export type Stretch = readonly [fromMs: number, toMs: number];

/** A span at its place in the waterfall. */
export interface WaterfallRow {
  readonly span: Omit<TraceSpanRow, 'total' | 'total_errors' | 'total_end_ms'>;
  readonly depth: number;
  /** Start against the trace's begin, in ms; never negative. */
  readonly offsetMs: number;
  /** Its parent is not among the spans shown (not sent, not arrived, or cut off). */
  readonly orphan: boolean;
  /** Begins so long before its parent, in ms: their clocks differ. Absent where it does not. */
  readonly skewMs?: number;
  /** When the trace waited for this span itself and for none of its children: its part of the critical path. */
  readonly critical?: readonly Stretch[];
}

/** A trace laid out. */
export interface Waterfall {
  readonly rows: readonly WaterfallRow[];
  readonly startMs: number;
  /** From the first start to the last end, in ms, of the whole trace. */
  readonly durationMs: number;
  /** Of the spans shown. */
  readonly services: readonly string[];
  /** Of the whole trace. */
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

/** Which value of a span: an attribute by its number from 1, of an event or a link (`part`, from 1) too, or the status message. */
export interface ValuePlace {
  readonly place: 'span' | 'resource' | 'event' | 'link' | 'message';
  readonly part: number;
  readonly item: number;
}

/** Names one span: `at` is its begin in Unix ns. */
interface SpanName {
  readonly id: string;
  readonly span: string;
  readonly at: string;
}

export interface TraceContract {
  'GET /api/v1/traces/:id': { readonly input: { readonly id: string }; readonly answer: TraceView };
  /** What a span says; its values are cut. */
  'GET /api/v1/traces/:id/span': { readonly input: SpanName; readonly answer: SpanDetailsRow };
  /** One value whole. */
  'GET /api/v1/traces/:id/value': { readonly input: SpanName & ValuePlace; readonly answer: SpanValueRow };
}
