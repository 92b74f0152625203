import { EDGES_LIMIT, type ServiceEdgesRow } from '../queries/service-edges.ts';
import type { Edge, ServiceGraph } from './contract-types.ts';
import { showServiceName } from './service-name.ts';

const KINDS: readonly Edge['toKind'][] = ['service', 'database', 'messaging', 'address'];

/** Edges from service to service where it is known who answers; several ways to the same are one edge. Busiest first. */
export function viewGraph(rows: readonly ServiceEdgesRow[]): ServiceGraph {
  const edges = new Map<string, Edge>();
  for (const row of rows) {
    const edge = edgeOf(row);
    if (edge.to === '') continue;
    const key = JSON.stringify([edge.from, edge.to, edge.toKind]);
    edges.set(key, joined(edges.get(key), edge));
  }
  return {
    edges: [...edges.values()].toSorted((a, b) => b.requests - a.requests),
    truncated: rows.length >= EDGES_LIMIT,
  };
}

/** Only what a service calls and who calls it. */
export function graphOf(graph: ServiceGraph, service: string): ServiceGraph {
  const edges = graph.edges.filter(
    ({ from, to, toKind }) => from === service || (toKind === 'service' && to === service),
  );
  return { ...graph, edges };
}

function edgeOf(row: ServiceEdgesRow): Edge {
  const isKnown = row.peer_service !== '';
  return {
    from: showServiceName(row.service),
    to: isKnown ? row.peer_service : row.peer,
    toKind: isKnown ? 'service' : (KINDS.find((kind) => kind === row.peer_type) ?? 'address'),
    requests: row.requests,
    errors: row.errors,
    meanMs: row.mean_ms,
  };
}

function joined(before: Edge | undefined, edge: Edge): Edge {
  if (!before) return edge;
  const requests = before.requests + edge.requests;
  return {
    ...edge,
    requests,
    errors: before.errors + edge.errors,
    meanMs: requests > 0 ? (before.meanMs * before.requests + edge.meanMs * edge.requests) / requests : 0,
  };
}
