import type { Route } from '@tocsin/service/config';
import type { LabelSet } from '../alert.ts';
import { compileMatcher, type CompiledMatcher, formatMatcher } from './matchers.ts';

/** A routing tree made ready for matching. */
export interface RoutingTree {
  readonly root: RouteNode;
  /** Every node by its id. */
  readonly nodes: ReadonlyMap<string, RouteNode>;
}

/** A route with its identity. */
export interface RouteNode {
  /**
   * The matchers from the root down, as `{}/{severity="page"}`: adding a route elsewhere in the tree does not change
   * it. Siblings with equal matchers are told apart by `#2`, `#3`.
   */
  readonly id: string;
  readonly route: Route;
  readonly matchers: readonly CompiledMatcher[];
  readonly children: readonly RouteNode[];
}

/** Where an alert goes: the route, and the group it belongs to there. */
export interface RouteMatch {
  readonly node: RouteNode;
  readonly groupKey: string;
  readonly groupLabels: LabelSet;
}

/** Gives every route its id and compiles its matchers. */
export function compileRoutes(route: Route): RoutingTree {
  const nodes = new Map<string, RouteNode>();
  const root = compileNode(route, '{}', nodes);
  return { root, nodes };
}

function compileNode(route: Route, id: string, nodes: Map<string, RouteNode>): RouteNode {
  const seen = new Map<string, number>();
  const children = route.routes.map((child) => {
    const own = `{${child.matchers.map(formatMatcher).join(',')}}`;
    const count = (seen.get(own) ?? 0) + 1;
    seen.set(own, count);
    return compileNode(child, `${id}/${own}${count === 1 ? '' : `#${count}`}`, nodes);
  });
  const node: RouteNode = { id, route, matchers: route.matchers.map(compileMatcher), children };
  nodes.set(id, node);
  return node;
}

/**
 * Finds the routes an alert with these labels takes: from each node the first child that matches, and after one with
 * `continue` also the next ones; a node none of whose children match takes the alert itself.
 * Source: Alertmanager documentation, "Configuration", `<route>`.
 */
export function matchRoutes(tree: RoutingTree, labels: LabelSet): RouteMatch[] {
  return matchNode(tree.root, labels).map((node) => ({ node, ...groupOf(node, labels) }));
}

function matchNode(node: RouteNode, labels: LabelSet): RouteNode[] {
  if (!node.matchers.every((matches) => matches(labels))) return [];
  const found: RouteNode[] = [];
  for (const child of node.children) {
    const below = matchNode(child, labels);
    found.push(...below);
    if (below.length > 0 && !child.route.continue) break;
  }
  return found.length > 0 ? found : [node];
}

/** A label the alert does not have is not part of its group's labels, as in Alertmanager. */
function groupOf(node: RouteNode, labels: LabelSet): Pick<RouteMatch, 'groupKey' | 'groupLabels'> {
  const all = node.route.groupBy.includes('...');
  const names = Object.keys(labels).filter((name) => all || node.route.groupBy.includes(name));
  const groupLabels = Object.fromEntries(names.sort().map((name) => [name, labels[name] ?? '']));
  const text = Object.entries(groupLabels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return { groupKey: `${node.id}:{${text.join(', ')}}`, groupLabels };
}
