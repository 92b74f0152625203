import { isList, printValue, typeName, type Value } from './format.ts';
import { type FunctionContext, FUNCTIONS, isTrue } from './functions.ts';
import { TemplateError } from './lexer.ts';
import { callMethod, hasMethod } from './message-data.ts';
import type { Assignment, Operand, Pipeline, TemplateNode } from './parser.ts';

/** The longest text a template may become, in characters. */
const MAX_OUTPUT = 1_000_000;

interface Run {
  readonly context: FunctionContext;
  output: string;
}

/** Variables by name; a block has its own and sees those around it. `dot` is what `.` means here. */
interface Scope {
  readonly parent: Scope | undefined;
  readonly variables: Map<string, Value>;
  readonly dot: Value;
}

/**
 * Fills in a parsed template.
 * @throws TemplateError where it asks for something that cannot be
 */
export function evaluateTemplate(
  nodes: readonly TemplateNode[],
  data: ReadonlyMap<string, Value>,
  variables: ReadonlyMap<string, Value>,
  context: FunctionContext,
): string {
  const run: Run = { context, output: '' };
  const scope: Scope = { parent: undefined, variables: new Map([...variables, ['', data]]), dot: data };
  runNodes(nodes, scope, run);
  return run.output;
}

function runNodes(nodes: readonly TemplateNode[], scope: Scope, run: Run): void {
  for (const node of nodes) {
    if (node.type === 'text') run.output += node.text;
    else if (node.type === 'print') {
      const value = assign(node.value, scope, run);
      if (node.value.names.length === 0) run.output += printValue(value);
    } else if (node.type === 'range') runRange(node, scope, run);
    else {
      const inner: Scope = { parent: scope, variables: new Map(), dot: scope.dot };
      const value = assign(node.value, inner, run);
      const chosen: Scope = node.type === 'with' && isTrue(value) ? { ...inner, dot: value } : inner;
      runNodes(isTrue(value) ? node.body : node.otherwise, chosen, run);
    }
    if (run.output.length > MAX_OUTPUT) throw new TemplateError(`more than ${MAX_OUTPUT} characters`);
  }
}

function runRange(node: Exclude<TemplateNode, { type: 'text' | 'print' }>, scope: Scope, run: Run): void {
  const value = evaluatePipeline(node.value.pipeline, scope, run);
  const entries = entriesOf(value);
  for (const [key, item] of entries) {
    const variables = new Map<string, Value>();
    const [first, second] = node.value.names;
    if (first !== undefined) variables.set(first, second === undefined ? item : key);
    if (second !== undefined) variables.set(second, item);
    runNodes(node.body, { parent: scope, variables, dot: item }, run);
  }
  if (entries.length === 0) runNodes(node.otherwise, scope, run);
}

function entriesOf(value: Value): [Value, Value][] {
  if (value === undefined) return [];
  if (isList(value)) return value.map((item, at) => [BigInt(at), item]);
  if (typeof value === 'object') return [...value].sort(([a], [b]) => (a < b ? -1 : 1));
  throw new TemplateError(`range can't iterate over ${printValue(value)}`);
}

function assign({ names, declares, pipeline }: Assignment, scope: Scope, run: Run): Value {
  const value = evaluatePipeline(pipeline, scope, run);
  const [name, second] = names;
  if (second !== undefined) throw new TemplateError('two variables are for range only');
  if (name === undefined) return value;
  const home = declares ? scope : scopeOf(name, scope);
  if (!home) throw new TemplateError(`undefined variable "$${name}"`);
  home.variables.set(name, value);
  return value;
}

function scopeOf(name: string, scope: Scope): Scope | undefined {
  let at: Scope | undefined = scope;
  while (at && !at.variables.has(name)) at = at.parent;
  return at;
}

function evaluatePipeline(pipeline: Pipeline, scope: Scope, run: Run): Value {
  return pipeline.reduce<Value>(
    (piped, command, at) => runCommand(command, at > 0 ? [piped] : [], scope, run),
    undefined,
  );
}

function runCommand(command: readonly Operand[], piped: readonly Value[], scope: Scope, run: Run): Value {
  const [head, ...rest] = command;
  if (!head) throw new TemplateError('missing value for a command');
  if (head.base.type !== 'function') {
    if (rest.length > 0) {
      const target = evaluateOperand({ ...head, fields: head.fields.slice(0, -1) }, scope, run);
      const method = head.fields.at(-1) ?? '';
      if (hasMethod(target, method)) {
        const values = [...rest.map((operand) => evaluateOperand(operand, scope, run)), ...piped];
        return callMethod(target, method, values);
      }
    }
    if (rest.length > 0 || piped.length > 0) throw new TemplateError("can't give arguments to what is not a function");
    return evaluateOperand(head, scope, run);
  }
  const { name } = head.base;
  if (name === 'and' || name === 'or') return shortCircuit(name, rest, piped, scope, run);
  const work = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (!work) throw new TemplateError(`function ${JSON.stringify(name)} not defined`);
  const values = [...rest.map((operand) => evaluateOperand(operand, scope, run)), ...piped];
  return takeFields(work(values, run.context), head.fields);
}

/** `and` gives the first value that is not true or the last, `or` the first that is true or the last; the rest is not evaluated. */
function shortCircuit(
  name: 'and' | 'or',
  operands: readonly Operand[],
  piped: readonly Value[],
  scope: Scope,
  run: Run,
): Value {
  if (operands.length + piped.length === 0)
    throw new TemplateError(`wrong number of args for ${name}: want at least 1`);
  let value: Value;
  for (const operand of operands) {
    value = evaluateOperand(operand, scope, run);
    if (isTrue(value) === (name === 'or')) return value;
  }
  return piped.length > 0 ? piped[0] : value;
}

function evaluateOperand({ base, fields }: Operand, scope: Scope, run: Run): Value {
  switch (base.type) {
    case 'literal':
      return takeFields(base.value, fields);
    case 'dot':
      return takeFields(scope.dot, fields);
    case 'pipeline':
      return takeFields(evaluatePipeline(base.pipeline, scope, run), fields);
    case 'function':
      return runCommand([{ base, fields }], [], scope, run);
    case 'variable': {
      const home = scopeOf(base.name, scope);
      if (!home) throw new TemplateError(`undefined variable "$${base.name}"`);
      return takeFields(home.variables.get(base.name), fields);
    }
  }
}

function takeFields(value: Value, fields: readonly string[]): Value {
  return fields.reduce<Value>((target, field) => {
    if (isList(target) || typeof target !== 'object')
      throw new TemplateError(`can't evaluate field ${field} in type ${typeName(target)}`);
    return target.get(field) ?? '';
  }, value);
}
