import type { TraceSpanRow } from '../queries/trace-spans.ts';
import type { Waterfall, WaterfallRow } from './contract-types.ts';

/**
 * Lays spans out as a tree, children under their parents by start. Nothing that telemetry can say breaks it: a missing
 * parent makes a root, a cycle is entered at its earliest span, of equal span ids the first is the parent, and no
 * recursion follows the depth.
 */
export function layOutWaterfall(spans: readonly TraceSpanRow[]): Waterfall {
  const sorted = spans.toSorted((a, b) => a.start_ms - b.start_ms);
  const known = new Set(sorted.map(({ span_id }) => span_id));
  const children = Map.groupBy(sorted, ({ parent_span_id }) => parent_span_id);
  const isRoot = (span: TraceSpanRow): boolean => !known.has(span.parent_span_id);
  const startMs = sorted[0]?.start_ms ?? 0;
  const rows: WaterfallRow[] = [];
  const placed = new Set<TraceSpanRow>();

  const place = (root: TraceSpanRow): void => {
    const stack = [{ span: root, depth: 0 }];
    for (let next = stack.pop(); next; next = stack.pop()) {
      const { span, depth } = next;
      if (placed.has(span)) continue;
      placed.add(span);
      const orphan = depth === 0 && span.parent_span_id !== '';
      rows.push({ span, depth, offsetMs: span.start_ms - startMs, orphan });
      const below = span.span_id === '' ? [] : (children.get(span.span_id) ?? []);
      for (const child of below.toReversed()) stack.push({ span: child, depth: depth + 1 });
    }
  };
  sorted.filter(isRoot).forEach(place);
  sorted.forEach((span) => {
    if (!placed.has(span)) place(span);
  });

  const endMs = sorted.reduce((end, span) => Math.max(end, span.start_ms + span.duration_ms), startMs);
  return {
    rows,
    startMs,
    durationMs: endMs - startMs,
    services: [...new Set(sorted.map(({ service }) => service))],
    errors: sorted.filter(({ status }) => status === 'Error').length,
  };
}
