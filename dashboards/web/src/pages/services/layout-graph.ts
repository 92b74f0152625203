import type { Edge } from '../../../../src/services/contract-types.ts';

/** Something that calls or is called, where it stands; its centre in px. */
export interface GraphNode {
  readonly id: string;
  readonly name: string;
  readonly kind: Edge['toKind'];
  readonly x: number;
  readonly y: number;
}

/** An edge with the line to draw. */
export interface GraphLine {
  readonly edge: Edge;
  readonly path: string;
  /** Where its words stand. */
  readonly x: number;
  readonly y: number;
}

export interface GraphLayout {
  readonly nodes: readonly GraphNode[];
  readonly lines: readonly GraphLine[];
  readonly widthPx: number;
  readonly heightPx: number;
  /** Edges that are not drawn: there would be too many nodes. */
  readonly left: number;
}

export const NODE_WIDTH_PX = 170;
export const NODE_HEIGHT_PX = 34;
const COLUMN_PX = 280;
const ROW_PX = 58;
const MARGIN_PX = 12;
/** More cannot be read. */
const NODES_LIMIT = 60;
const SWEEPS = 4;

/**
 * Lays the graph out in columns, callers left of what they call; within a column each stands near what it is connected with (the barycentres of Sugiyama's
 * method). A circle is cut where its walk from the callers comes back. The busiest edges come first.
 */
export function layOutGraph(all: readonly Edge[]): GraphLayout {
  const edges = limitEdges(all);
  const nodes = nodesOf(edges);
  const columns = columnsOf(nodes, edges);
  sortColumns(columns, edges);
  const tallest = Math.max(...columns.map(({ length }) => length), 1);
  const places = new Map<string, { readonly x: number; readonly y: number }>();
  for (const [column, ids] of columns.entries()) {
    const gap = (tallest * ROW_PX) / Math.max(ids.length, 1);
    for (const [row, id] of ids.entries())
      places.set(id, {
        x: MARGIN_PX + NODE_WIDTH_PX / 2 + column * COLUMN_PX,
        y: MARGIN_PX + gap * (row + 0.5),
      });
  }
  const at = (id: string) => places.get(id) ?? { x: 0, y: 0 };
  return {
    nodes: [...nodes].map(([id, { name, kind }]) => ({ id, name, kind, ...at(id) })),
    lines: edges.map((edge) => lineOf(edge, at(fromId(edge)), at(toId(edge)))),
    widthPx: 2 * MARGIN_PX + NODE_WIDTH_PX + (columns.length - 1) * COLUMN_PX,
    heightPx: 2 * MARGIN_PX + tallest * ROW_PX,
    left: all.length - edges.length,
  };
}

const fromId = (edge: Edge): string => `service ${edge.from}`;
const toId = (edge: Edge): string => `${edge.toKind} ${edge.to}`;

function limitEdges(all: readonly Edge[]): readonly Edge[] {
  const seen = new Set<string>();
  return all.filter((edge) => {
    const added = [fromId(edge), toId(edge)].filter((id) => !seen.has(id));
    if (seen.size + added.length > NODES_LIMIT) return false;
    for (const id of added) seen.add(id);
    return true;
  });
}

function nodesOf(edges: readonly Edge[]): Map<string, { readonly name: string; readonly kind: Edge['toKind'] }> {
  const nodes = new Map<string, { readonly name: string; readonly kind: Edge['toKind'] }>();
  for (const edge of edges) {
    nodes.set(fromId(edge), { name: edge.from, kind: 'service' });
    nodes.set(toId(edge), { name: edge.to, kind: edge.toKind });
  }
  return nodes;
}

/** Each node one column right of its rightmost caller, walked depth first from who nobody calls; edges back are left out. */
function columnsOf(nodes: ReadonlyMap<string, unknown>, edges: readonly Edge[]): string[][] {
  const called = Map.groupBy(edges, fromId);
  const isCalled = new Set(edges.filter((edge) => fromId(edge) !== toId(edge)).map(toId));
  const order: string[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const forward = new Set<Edge>();
  const visit = (id: string): void => {
    state.set(id, 'open');
    for (const edge of called.get(id) ?? []) {
      const to = toId(edge);
      if (state.get(to) === 'open') continue;
      forward.add(edge);
      if (!state.has(to)) visit(to);
    }
    state.set(id, 'done');
    order.unshift(id);
  };
  for (const id of [...nodes.keys()].toSorted((a, b) => Number(isCalled.has(a)) - Number(isCalled.has(b))))
    if (!state.has(id)) visit(id);
  const depths = new Map<string, number>();
  for (const id of order)
    for (const edge of called.get(id) ?? [])
      if (forward.has(edge)) depths.set(toId(edge), Math.max(depths.get(toId(edge)) ?? 0, (depths.get(id) ?? 0) + 1));
  const columns: string[][] = [];
  for (const id of order) (columns[depths.get(id) ?? 0] ??= []).push(id);
  return columns.map((ids) => ids ?? []);
}

function sortColumns(columns: string[][], edges: readonly Edge[]): void {
  const near = new Map<string, string[]>();
  const connect = (a: string, b: string): void => {
    near.set(a, [...(near.get(a) ?? []), b]);
  };
  for (const edge of edges) {
    connect(fromId(edge), toId(edge));
    connect(toId(edge), fromId(edge));
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const heights = new Map(columns.flatMap((ids) => ids.map((id, row) => [id, (row + 0.5) / ids.length] as const)));
    for (const ids of columns) {
      const wanted = (id: string): number => {
        const others = (near.get(id) ?? []).filter((other) => !ids.includes(other));
        const sum = others.reduce((all, other) => all + (heights.get(other) ?? 0.5), 0);
        return others.length > 0 ? sum / others.length : (heights.get(id) ?? 0.5);
      };
      ids.sort((a, b) => wanted(a) - wanted(b));
    }
  }
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function lineOf(edge: Edge, from: Point, to: Point): GraphLine {
  const half = NODE_WIDTH_PX / 2;
  if (to.x > from.x) {
    const [x1, x2] = [from.x + half, to.x - half - 6];
    const middle = (x1 + x2) / 2;
    const path = `M${x1} ${from.y}C${middle} ${from.y} ${middle} ${to.y} ${x2} ${to.y}`;
    // Nearer to who is called: lines of one caller begin together.
    return { edge, path, x: bezier(x1, middle, middle, x2), y: bezier(from.y, from.y, to.y, to.y) };
  }
  // Back, or to itself: below both.
  const low = Math.max(from.y, to.y) + NODE_HEIGHT_PX;
  const y = NODE_HEIGHT_PX / 2;
  return {
    edge,
    path: `M${from.x} ${from.y + y}C${from.x} ${low + 10} ${to.x} ${low + 10} ${to.x - (to.x === from.x ? 30 : 0)} ${to.y + y + 6}`,
    x: (from.x + to.x) / 2,
    y: low,
  };
}

/** A curve where its words stand. */
function bezier(a: number, b: number, c: number, d: number, t = 0.68): number {
  const s = 1 - t;
  return s ** 3 * a + 3 * s ** 2 * t * b + 3 * s * t ** 2 * c + t ** 3 * d;
}
