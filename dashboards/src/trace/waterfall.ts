import type { TraceSpanRow } from '../queries/trace-spans.ts';
import type { Waterfall, WaterfallRow } from './contract-types.ts';
import { findCriticalPath } from './critical-path.ts';

/** A span that begins less before its parent is no sign of clocks that differ, in ms. */
const SKEW_MS = 0.001;

/**
 * Lays spans out as a tree, children under their parents by start, and marks the critical path. Nothing that telemetry can say breaks it: a
 * missing parent makes a root, a cycle is entered at its earliest span, of equal span ids the first is the parent, and no recursion follows the depth.
 */
export function layOutWaterfall(spans: readonly TraceSpanRow[]): Waterfall {
  const sorted = spans.toSorted((a, b) => a.start_ms - b.start_ms);
  const startMs = sorted[0]?.start_ms ?? 0;
  const placed = placeSpans(sorted);
  const path = findCriticalPath(
    placed.map(({ span, depth }) => ({
      depth,
      offsetMs: span.start_ms - startMs,
      durationMs: span.duration_ms,
    })),
  );
  const ends = sorted.map((span) => Math.max(span.start_ms + span.duration_ms, span.total_end_ms));
  return {
    rows: placed.map((place, index) => {
      const critical = path.get(index);
      return { ...rowOf(place, startMs), ...(critical && { critical }) };
    }),
    startMs,
    durationMs: ends.reduce((end, one) => Math.max(end, one), startMs) - startMs,
    services: [...new Set(sorted.map(({ service }) => service))],
    errors: Math.max(sorted[0]?.total_errors ?? 0, sorted.filter(({ status }) => status === 'Error').length),
  };
}

interface Placed {
  readonly span: TraceSpanRow;
  readonly depth: number;
  readonly parent: TraceSpanRow | undefined;
}

/** @param sorted by start */
function placeSpans(sorted: readonly TraceSpanRow[]): readonly Placed[] {
  const known = new Set(sorted.map(({ span_id }) => span_id));
  const children = Map.groupBy(sorted, ({ parent_span_id }) => parent_span_id);
  const rows: Placed[] = [];
  const seen = new Set<TraceSpanRow>();
  const place = (root: TraceSpanRow): void => {
    const stack: Placed[] = [{ span: root, depth: 0, parent: undefined }];
    for (let next = stack.pop(); next; next = stack.pop()) {
      const { span, depth } = next;
      if (seen.has(span)) continue;
      seen.add(span);
      rows.push(next);
      const below = span.span_id === '' ? [] : (children.get(span.span_id) ?? []);
      for (const child of below.toReversed()) stack.push({ span: child, depth: depth + 1, parent: span });
    }
  };
  sorted.filter((span) => !known.has(span.parent_span_id)).forEach(place);
  sorted.forEach((span) => {
    if (!seen.has(span)) place(span);
  });
  return rows;
}

function rowOf({ span, depth, parent }: Placed, startMs: number): WaterfallRow {
  const { total: _total, total_errors: _errors, total_end_ms: _end, ...own } = span;
  const skewMs = parent ? parent.start_ms - span.start_ms : 0;
  return {
    span: own,
    depth,
    offsetMs: span.start_ms - startMs,
    orphan: depth === 0 && span.parent_span_id !== '',
    ...(skewMs > SKEW_MS && { skewMs }),
  };
}
