import { useMemo } from 'preact/hooks';
import { formatDurationMs, formatRate, formatShare } from '../../../../src/html/format.ts';
import type { Edge, ServiceGraph } from '../../../../src/services/contract-types.ts';
import { type GraphNode, layOutGraph, NODE_HEIGHT_PX, NODE_WIDTH_PX } from './layout-graph.ts';

/** From this share of failed calls on, an edge is drawn as bad. */
const BAD_SHARE = 0.05;
const NAME_CHARACTERS = 22;
const KINDS: Readonly<Record<Edge['toKind'], string>> = {
  service: 'service',
  database: 'database',
  messaging: 'queue or topic',
  address: 'address',
};

/** Who calls whom, as a picture and as a table; `focus` is the service of the page. */
export function Graph({
  graph,
  lengthMs,
  focus,
}: {
  readonly graph: ServiceGraph;
  readonly lengthMs: number;
  readonly focus?: string;
}) {
  const { edges, truncated } = graph;
  const layout = useMemo(() => layOutGraph(edges), [edges]);
  if (edges.length === 0)
    return (
      <p class="soft">
        No call to another service, database or queue in this time. Edges come from spans of kind client and producer
        that name whom they call (<code>server.address</code>, <code>peer.service</code>, <code>db.system.name</code>).
      </p>
    );
  const rate = (requests: number): string => `${formatRate(requests / (lengthMs / 1_000))}/s`;
  return (
    <>
      <div class="graph" tabIndex={0} role="group" aria-label="Who calls whom">
        <svg width={layout.widthPx} height={layout.heightPx} viewBox={`0 0 ${layout.widthPx} ${layout.heightPx}`}>
          <defs>
            <marker id="arrow" viewBox="0 0 8 8" refX="2" refY="4" markerWidth="7" markerHeight="7" orient="auto">
              <path d="M0 0L8 4L0 8z" />
            </marker>
          </defs>
          {layout.lines.map(({ edge, path, x, y }, index) => (
            <g key={index} class={shareOf(edge) >= BAD_SHARE ? 'edge down' : 'edge'}>
              <path d={path} marker-end="url(#arrow)" stroke-width={widthOf(edge.requests)} />
              <text x={x} y={y - 4} text-anchor="middle">
                {rate(edge.requests)}
                {edge.errors > 0 && ` · ${formatShare(shareOf(edge))}`}
              </text>
              <title>{sayEdge(edge, rate(edge.requests))}</title>
            </g>
          ))}
          {layout.nodes.map((node) => (
            <Node key={node.id} node={node} isFocus={node.kind === 'service' && node.name === focus} />
          ))}
        </svg>
      </div>
      {(truncated || layout.left > 0) && <p class="soft small">Only the busiest are drawn.</p>}
      <details>
        <summary>As a table</summary>
        <Table edges={edges} rate={rate} />
      </details>
    </>
  );
}

function Node({ node: { name, kind, x, y }, isFocus }: { readonly node: GraphNode; readonly isFocus: boolean }) {
  const short =
    Array.from(name).length > NAME_CHARACTERS
      ? `${Array.from(name)
          .slice(0, NAME_CHARACTERS - 1)
          .join('')}…`
      : name;
  const shape = (
    <g class={`node ${kind} ${isFocus ? 'focus' : ''}`}>
      <rect
        x={x - NODE_WIDTH_PX / 2}
        y={y - NODE_HEIGHT_PX / 2}
        width={NODE_WIDTH_PX}
        height={NODE_HEIGHT_PX}
        rx={kind === 'service' ? 5 : 17}
      />
      <text x={x} y={y + 4} text-anchor="middle" unicode-bidi="isolate">
        {short}
      </text>
      <title>{`${name} (${KINDS[kind]})`}</title>
    </g>
  );
  return kind === 'service' ? (
    <a href={`/service/${encodeURIComponent(name)}`} aria-label={name}>
      {shape}
    </a>
  ) : (
    shape
  );
}

function Table({ edges, rate }: { readonly edges: readonly Edge[]; readonly rate: (requests: number) => string }) {
  return (
    <table class="cards">
      <thead>
        <tr>
          <th scope="col">From</th>
          <th scope="col">To</th>
          <th scope="col" class="number">
            Rate
          </th>
          <th scope="col" class="number">
            Errors
          </th>
          <th scope="col" class="number">
            Mean
          </th>
        </tr>
      </thead>
      <tbody>
        {edges.map((edge, index) => (
          <tr key={index}>
            <td>
              <bdi>{edge.from}</bdi>
            </td>
            <td>
              <bdi>{edge.to}</bdi> <span class="soft small">{KINDS[edge.toKind]}</span>
            </td>
            <td class="number" data-label="Rate">
              {rate(edge.requests)}
            </td>
            <td class="number" data-label="Errors">
              {formatShare(shareOf(edge))}
            </td>
            <td class="number" data-label="Mean">
              {formatDurationMs(edge.meanMs)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function shareOf({ requests, errors }: Edge): number {
  return requests > 0 ? errors / requests : 0;
}

function widthOf(requests: number): number {
  return Math.min(4, 1 + Math.log10(Math.max(requests, 1)) / 2);
}

function sayEdge(edge: Edge, rate: string): string {
  return `${edge.from} to ${edge.to}: ${rate}, ${formatShare(shareOf(edge))} errors, mean ${formatDurationMs(edge.meanMs)}`;
}
