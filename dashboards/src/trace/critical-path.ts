import type { Stretch } from './contract-types.ts';

/** A span at its place, of which the critical path is sought: `depth` of rows in the order of the waterfall. Times in ms. */
export interface PathRow {
  readonly depth: number;
  readonly offsetMs: number;
  readonly durationMs: number;
}

interface Frame {
  readonly index: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Clocks and rounding: a child that ends so little after the next one begins still ended before it, in ms. */
const TOLERANCE_MS = 0.001;

/**
 * What the trace waited for, by the index of the row: from the end of the longest root backwards, always into the child that ended last before the
 * moment reached. A child that outlasts its parent counts only within it, so clocks that differ and work that nobody awaits
 * do not lead the path out of the trace. Rows are a tree by their depth, so it ends whatever the telemetry says.
 */
export function findCriticalPath(rows: readonly PathRow[]): ReadonlyMap<number, readonly Stretch[]> {
  const path = new Map<number, readonly Stretch[]>();
  const children = childrenOf(rows);
  const root = longestRoot(rows);
  if (root === undefined) return path;
  const stack: Frame[] = [frameOf(rows, root, 0, Infinity)];
  for (let frame = stack.pop(); frame; frame = stack.pop()) {
    const own: Stretch[] = [];
    let reachedMs = frame.toMs;
    const below = (children.get(frame.index) ?? [])
      .map((index) => frameOf(rows, index, frame.fromMs, frame.toMs))
      .filter(({ fromMs, toMs }) => toMs > fromMs)
      .toSorted((a, b) => b.toMs - a.toMs || a.fromMs - b.fromMs);
    for (const child of below) {
      if (child.toMs > reachedMs + TOLERANCE_MS) continue;
      if (reachedMs - child.toMs > TOLERANCE_MS) own.unshift([child.toMs, reachedMs]);
      stack.push(child);
      reachedMs = child.fromMs;
    }
    if (reachedMs > frame.fromMs || own.length === 0) own.unshift([frame.fromMs, Math.max(reachedMs, frame.fromMs)]);
    path.set(frame.index, own);
  }
  return path;
}

function frameOf(rows: readonly PathRow[], index: number, fromMs: number, toMs: number): Frame {
  const { offsetMs = 0, durationMs = 0 } = rows[index] ?? {};
  return { index, fromMs: Math.max(offsetMs, fromMs), toMs: Math.min(offsetMs + durationMs, toMs) };
}

function longestRoot(rows: readonly PathRow[]): number | undefined {
  let longest: number | undefined;
  for (const [index, { depth, durationMs }] of rows.entries()) {
    if (depth === 0 && (longest === undefined || durationMs > (rows[longest]?.durationMs ?? 0))) longest = index;
  }
  return longest;
}

function childrenOf(rows: readonly PathRow[]): ReadonlyMap<number, readonly number[]> {
  const children = new Map<number, number[]>();
  const above: number[] = [];
  for (const [index, { depth }] of rows.entries()) {
    above[depth] = index;
    const parent = depth > 0 ? above[depth - 1] : undefined;
    if (parent === undefined) continue;
    const known = children.get(parent);
    if (known) known.push(index);
    else children.set(parent, [index]);
  }
  return children;
}
