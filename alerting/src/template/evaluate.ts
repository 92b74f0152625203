import {
  type Assignment,
  type ControlNode,
  describeArguments,
  describeMissingFunction,
  isTemplateFunction,
  type Operand,
  type ParsedTemplate,
  type Pipeline,
  TemplateError,
  type TemplateNode,
} from '@tocsin/service/template';
import { isList, isMap, printValue, typeName, type Value } from './format.ts';
import { type FunctionContext, FUNCTIONS, isTrue, SAFE_FUNCTIONS } from './functions.ts';
import { callMethod as callMessageMethod, FieldList, hasMethod } from './message-data.ts';
import { createMade, demandRoom, type Made } from './limits.ts';
import { Moment } from './moment.ts';
import { TimeSpan } from './time-span.ts';

/** The most nodes that are run, so that loops inside loops end. */
const MAX_STEPS = 100_000;
/** The most templates inside each other. */
const MAX_CALLS = 100;

interface Run {
  readonly context: FunctionContext;
  readonly definitions: ParsedTemplate['definitions'];
  readonly made: Made;
  output: string;
  steps: number;
  calls: number;
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
  { nodes, definitions }: ParsedTemplate,
  data: ReadonlyMap<string, Value>,
  variables: ReadonlyMap<string, Value>,
  context: FunctionContext,
): string {
  const run: Run = { context, definitions, made: createMade(), output: '', steps: 0, calls: 0 };
  const scope: Scope = { parent: undefined, variables: new Map([...variables, ['', data]]), dot: data };
  try {
    runNodes(nodes, scope, run);
  } catch (error) {
    // Blocks in templates in templates: the stack is at its end before any single limit is.
    if (error instanceof RangeError) throw new TemplateError('too much inside each other', { cause: error });
    throw error;
  }
  return run.output;
}

/** What ends a round of `range` early. */
type Jump = 'break' | 'continue' | undefined;

function runNodes(nodes: readonly TemplateNode[], scope: Scope, run: Run): Jump {
  for (const node of nodes) {
    const jump = runNode(node, scope, run);
    demandRoom(run.output.length);
    if (jump) return jump;
  }
  return undefined;
}

function runNode(node: TemplateNode, scope: Scope, run: Run): Jump {
  countStep(run);
  switch (node.type) {
    case 'text':
      run.output += node.text;
      return undefined;
    case 'print': {
      const value = assign(node.value, scope, run);
      if (node.value.names.length === 0) run.output += escaped(printValue(value), node.value.pipeline, run);
      return undefined;
    }
    case 'template':
      runTemplate(node.name, node.pipeline && evaluatePipeline(node.pipeline, scope, run), run);
      return undefined;
    case 'break':
    case 'continue':
      return node.type;
    case 'range':
      runRange(node, scope, run);
      return undefined;
    default:
      return runChoice(node, scope, run);
  }
}

/** In HTML nothing that labels hold becomes markup. Source: Go, package html/template, which Alertmanager uses there. */
function escaped(text: string, pipeline: Pipeline, { context: { escape } }: Run): string {
  const last = pipeline.at(-1)?.[0]?.base;
  return !escape || (last?.type === 'function' && SAFE_FUNCTIONS.has(last.name)) ? text : escape(text);
}

function runChoice(node: ControlNode, scope: Scope, run: Run): Jump {
  const inner: Scope = { parent: scope, variables: new Map(), dot: scope.dot };
  const value = assign(node.value, inner, run);
  const chosen: Scope = node.type === 'with' && isTrue(value) ? { ...inner, dot: value } : inner;
  return runNodes(isTrue(value) ? node.body : node.otherwise, chosen, run);
}

function runRange(node: ControlNode, scope: Scope, run: Run): void {
  const value = evaluatePipeline(node.value.pipeline, scope, run);
  let isEmpty = true;
  for (const [key, item] of entriesOf(value)) {
    isEmpty = false;
    countStep(run);
    const variables = new Map<string, Value>();
    const [first, second] = node.value.names;
    if (first !== undefined) variables.set(first, second === undefined ? item : key);
    if (second !== undefined) variables.set(second, item);
    if (runNodes(node.body, { parent: scope, variables, dot: item }, run) === 'break') break;
  }
  if (isEmpty) runNodes(node.otherwise, scope, run);
}

/** A template of its own: it sees nothing but the value it is given. */
function runTemplate(name: string, data: Value, run: Run): void {
  const nodes = run.definitions.get(name);
  if (!nodes) {
    const text = run.context.defaultText?.(name);
    if (text === undefined) throw new TemplateError(`template ${JSON.stringify(name)} not defined`);
    run.output += text;
    return;
  }
  if (run.calls >= MAX_CALLS) throw new TemplateError(`more than ${MAX_CALLS} templates inside each other`);
  run.calls += 1;
  runNodes(nodes, { parent: undefined, variables: new Map([['', data]]), dot: data }, run);
  run.calls -= 1;
}

function countStep(run: Run): void {
  run.steps += 1;
  if (run.steps > MAX_STEPS) throw new TemplateError(`more than ${MAX_STEPS} steps`);
}

function entriesOf(value: Value): Iterable<readonly [Value, Value]> {
  if (value === undefined) return [];
  if (typeof value === 'bigint') return countTo(value);
  if (isList(value)) return value.map((item, at) => [BigInt(at), item] as const);
  if (isMap(value)) return [...value].sort(([a], [b]) => (a < b ? -1 : 1));
  throw new TemplateError(`range can't iterate over ${printValue(value)}`);
}

function* countTo(end: bigint): Generator<readonly [Value, Value]> {
  for (let at = 0n; at < end; at += 1n) yield [at, at];
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
  const values = (): Value[] => [...rest.map((operand) => evaluateOperand(operand, scope, run)), ...piped];
  if (head.base.type !== 'function') {
    if (rest.length > 0) {
      const target = evaluateOperand({ ...head, fields: head.fields.slice(0, -1) }, scope, run);
      const method = head.fields.at(-1) ?? '';
      if (hasMethod(target, method)) return callMessageMethod(target, method, values());
    }
    if (rest.length > 0 || piped.length > 0) return callMethod(head, values(), scope, run);
    return evaluateOperand(head, scope, run);
  }
  const { name } = head.base;
  if (!isTemplateFunction(name)) throw new TemplateError(describeMissingFunction(name));
  const wrong = describeArguments(name, rest.length + piped.length);
  if (wrong !== undefined) throw new TemplateError(wrong);
  if (name === 'and' || name === 'or') return shortCircuit(name, rest, piped, scope, run);
  const result = name === 'tmpl' ? expandNamed(values(), run) : FUNCTIONS[name](values(), run.context);
  return takeFields(run.made.count(result), head.fields);
}

/** `tmpl "name" data`: what `template` would print, as a value. Source: Prometheus documentation, "Template reference", Others. */
function expandNamed([name, data]: readonly Value[], run: Run): string {
  if (typeof name !== 'string') throw new TemplateError(`tmpl: expected string; found ${typeName(name)}`);
  const before = run.output;
  run.output = '';
  runTemplate(name, data, run);
  const text = run.output;
  run.output = before;
  return text;
}

/** A time's method with an argument: `(toTime $value).Format "15:04"`. */
function callMethod({ base, fields }: Operand, values: readonly Value[], scope: Scope, run: Run): Value {
  const target = evaluateOperand({ base, fields: fields.slice(0, -1) }, scope, run);
  const result = target instanceof Moment ? target.call(fields.at(-1) ?? '', values) : undefined;
  if (result === undefined) throw new TemplateError("can't give arguments to what is not a function");
  return result;
}

/** `and` gives the first value that is not true or the last, `or` the first that is true or the last; the rest is not evaluated. */
function shortCircuit(
  name: 'and' | 'or',
  operands: readonly Operand[],
  piped: readonly Value[],
  scope: Scope,
  run: Run,
): Value {
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
    const result = fieldOf(target, field);
    if (result === undefined) throw new TemplateError(`can't evaluate field ${field} in type ${typeName(target)}`);
    return result;
  }, value);
}

function fieldOf(target: Value, field: string): Value {
  if (target instanceof Moment || target instanceof TimeSpan || target instanceof FieldList) return target.get(field);
  return isMap(target) ? (target.get(field) ?? '') : undefined;
}
