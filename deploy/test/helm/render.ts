import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Assignment,
  type Operand,
  parseTemplate,
  type Pipeline,
  type TemplateNode,
} from '@tocsin/service/template';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { call, isMapping, isTrue, type Mapping } from './functions.ts';

type Labels = Readonly<Record<string, string>>;

/** A document for Kubernetes, and of its many fields those that the tests look at. */
export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Labels };
  readonly data?: Labels;
  readonly spec?: {
    readonly replicas?: number;
    readonly selector?: Labels & { readonly matchLabels?: Labels };
    readonly podSelector?: { readonly matchLabels: Labels };
    readonly template?: { readonly metadata: { readonly labels: Labels }; readonly spec: PodSpec };
    readonly volumeClaimTemplates?: readonly { readonly spec: object }[];
    readonly configuration?: { readonly clusters: readonly { readonly layout: object }[] };
  };
}

interface PodSpec {
  readonly securityContext: { readonly runAsNonRoot: boolean };
  readonly automountServiceAccountToken: boolean;
  readonly containers: readonly Container[];
}

/** A container of a pod. */
export interface Container {
  readonly name: string;
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly securityContext: object;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly startupProbe: Probe;
  readonly resources: { readonly requests: Labels };
}

interface Probe {
  readonly httpGet: { readonly port: string };
}

type Definitions = ReadonlyMap<string, readonly TemplateNode[]>;

interface Scope {
  readonly parent: Scope | undefined;
  readonly variables: Map<string, unknown>;
  readonly dot: unknown;
}

/**
 * Renders the chart as `helm template RELEASE` does, with as much of Helm's language as the chart uses, so that it can be tested with nothing but npm.
 * Where helm is on the machine a test holds both to the same documents.
 * @throws Error for what the template refuses (`required`), or uses and is not known here
 */
export function renderChart(folder: string, release: string, given: Mapping): readonly Resource[] {
  const read = (path: string): string => readFileSync(join(folder, path), 'utf8');
  const chart = parse(read('Chart.yaml')) as { name: string; version: string; appVersion: string };
  const root = {
    Values: mergeValues(parse(read('values.yaml')) as Mapping, given),
    Release: { Name: release },
    Chart: { Name: chart.name, Version: chart.version, AppVersion: chart.appVersion },
  };
  const files = readdirSync(join(folder, 'templates')).toSorted();
  const parsed = files.map((file) => [file, parseTemplate(read(`templates/${file}`))] as const);
  const definitions: Definitions = new Map(parsed.flatMap(([, { definitions }]) => [...definitions]));
  return parsed
    .filter(([file]) => !file.startsWith('_'))
    .flatMap(([file, { nodes }]) => {
      const documents = parseAllDocuments(run(nodes, newScope(root), definitions));
      return documents.flatMap((document) => {
        if (document.errors.length > 0) throw new Error(`${file}: ${document.errors[0]?.message}`);
        const resource = document.toJS() as Resource | null;
        return resource ? [resource] : [];
      });
    });
}

/** Source: Helm documentation, "Values Files": mappings are merged, `null` removes, all else replaces. */
export function mergeValues(base: Mapping, given: Mapping): Mapping {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(given)) {
    if (value === null) delete merged[key];
    else merged[key] = isMapping(value) && isMapping(merged[key]) ? mergeValues(merged[key], value) : value;
  }
  return merged;
}

function newScope(dot: unknown): Scope {
  return { parent: undefined, variables: new Map([['', dot]]), dot };
}

function run(nodes: readonly TemplateNode[], scope: Scope, definitions: Definitions): string {
  return nodes.map((node) => runNode(node, scope, definitions)).join('');
}

function runNode(node: TemplateNode, scope: Scope, definitions: Definitions): string {
  if (node.type === 'text') return node.text;
  if (node.type === 'print') {
    const value = assign(node.value, scope, definitions);
    return node.value.names.length > 0 ? '' : print(value);
  }
  if (node.type === 'if') {
    const inner: Scope = { ...scope, parent: scope, variables: new Map() };
    const body = isTrue(assign(node.value, inner, definitions)) ? node.body : node.otherwise;
    return run(body, inner, definitions);
  }
  if (node.type === 'range') return runRange(node, scope, definitions);
  throw new Error(`{{${node.type}}} is not in the renderer of the tests`);
}

function runRange(
  node: Extract<TemplateNode, { type: 'if' | 'range' | 'with' }>,
  scope: Scope,
  definitions: Definitions,
): string {
  const value = pipe(node.value.pipeline, scope, definitions);
  const sorted = isMapping(value) ? Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)) : undefined;
  const entries = sorted ?? (value as readonly unknown[]).map((item, at) => [at, item] as const);
  return entries
    .map(([key, item]) => {
      const [first, second] = node.value.names;
      const variables = new Map<string, unknown>();
      if (first !== undefined) variables.set(first, second === undefined ? item : key);
      if (second !== undefined) variables.set(second, item);
      return run(node.body, { parent: scope, variables, dot: item }, definitions);
    })
    .join('');
}

function assign({ names, pipeline }: Assignment, scope: Scope, definitions: Definitions): unknown {
  const value = pipe(pipeline, scope, definitions);
  const [name] = names;
  if (name !== undefined) scope.variables.set(name, value);
  return value;
}

function pipe(pipeline: Pipeline, scope: Scope, definitions: Definitions): unknown {
  let value: unknown;
  for (const [at, command] of pipeline.entries())
    value = runCommand(command, at > 0 ? [value] : [], scope, definitions);
  return value;
}

function runCommand(
  command: readonly Operand[],
  piped: readonly unknown[],
  scope: Scope,
  definitions: Definitions,
): unknown {
  const [head, ...rest] = command as [Operand, ...Operand[]];
  if (head.base.type !== 'function') return evaluate(head, scope, definitions);
  const values = [...rest.map((operand) => evaluate(operand, scope, definitions)), ...piped];
  if (head.base.name !== 'include') return call(head.base.name, values);
  const body = definitions.get(String(values[0]));
  if (!body) throw new Error(`include: ${String(values[0])} is not defined`);
  return run(body, newScope(values[1]), definitions);
}

function evaluate({ base, fields }: Operand, scope: Scope, definitions: Definitions): unknown {
  switch (base.type) {
    case 'literal':
      return base.value;
    case 'dot':
      return takeFields(scope.dot, fields);
    case 'pipeline':
      return takeFields(pipe(base.pipeline, scope, definitions), fields);
    case 'function':
      return runCommand([{ base, fields: [] }], [], scope, definitions);
    case 'variable': {
      let at: Scope | undefined = scope;
      while (at && !at.variables.has(base.name)) at = at.parent;
      if (!at) throw new Error(`$${base.name} is not defined`);
      return takeFields(at.variables.get(base.name), fields);
    }
  }
}

/** What is missing is nothing; a field of nothing is an error, as Helm has it. */
function takeFields(value: unknown, fields: readonly string[]): unknown {
  return fields.reduce<unknown>((target, field) => {
    if (!isMapping(target)) throw new Error(`nil pointer: .${field}`);
    return target[field];
  }, value);
}

function print(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : stringify(value).trimEnd();
}
