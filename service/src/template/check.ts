import { describeArguments, describeMissingFunction, isTemplateFunction } from './function-table.ts';
import { TemplateError } from './lexer.ts';
import { type Assignment, type Operand, parseTemplate, type Pipeline, type TemplateNode } from './parser.ts';

/** What a template knows from the start. */
export interface KnownToTemplate {
  /** `''` is `$`, all of it. */
  readonly variables: readonly string[];
  /** Whether there is a template of this name besides its own. */
  readonly isDefined?: (name: string) => boolean;
}

const KNOWN_TO_RULES: KnownToTemplate = {
  variables: ['', 'labels', 'annotations', 'externalLabels', 'externalURL', 'value'],
};

interface Scope {
  readonly parent: Scope | undefined;
  readonly names: Set<string>;
}

/**
 * Looks for what is wrong in a template (of a rule unless said otherwise) whatever its data will be: syntax, functions and variables that there are not, numbers
 * of arguments, templates that nobody defines.
 * @returns what is wrong, in words; `undefined` where nothing is
 */
export function checkTemplate(source: string, known: KnownToTemplate = KNOWN_TO_RULES): string | undefined {
  if (!source.includes('{{')) return undefined;
  try {
    const { nodes, definitions } = parseTemplate(source);
    const check = createCheck((name) => definitions.has(name) || (known.isDefined?.(name) ?? false));
    check(nodes, { parent: undefined, names: new Set(known.variables) });
    for (const body of definitions.values()) check(body, { parent: undefined, names: new Set(['']) });
    return undefined;
  } catch (error) {
    if (error instanceof TemplateError) return error.message;
    throw error;
  }
}

type Check = (nodes: readonly TemplateNode[], scope: Scope) => void;

function createCheck(isDefined: (name: string) => boolean): Check {
  const check: Check = (nodes, scope) => {
    for (const node of nodes) checkNode(node, scope);
  };
  const checkNode = (node: TemplateNode, scope: Scope): void => {
    if (node.type === 'print') checkAssignment(node.value, scope);
    else if (node.type === 'template') {
      if (node.pipeline) checkPipeline(node.pipeline, scope);
      if (!isDefined(node.name)) throw new TemplateError(`template ${JSON.stringify(node.name)} not defined`);
    } else if (node.type === 'if' || node.type === 'with' || node.type === 'range') {
      const inner: Scope = { parent: scope, names: new Set() };
      checkAssignment(node.value, inner);
      check(node.body, { parent: inner, names: new Set() });
      check(node.otherwise, { parent: inner, names: new Set() });
    }
  };
  return check;
}

function checkAssignment({ names, declares, pipeline }: Assignment, scope: Scope): void {
  checkPipeline(pipeline, scope);
  for (const name of names)
    if (declares) scope.names.add(name);
    else checkVariable(name, scope);
}

function checkPipeline(pipeline: Pipeline, scope: Scope): void {
  for (const [at, [head, ...rest]] of pipeline.entries()) {
    if (!head) continue;
    for (const operand of rest) checkOperand(operand, scope, 0);
    checkOperand(head, scope, rest.length + (at > 0 ? 1 : 0));
  }
}

/** @param count how many arguments it is given */
function checkOperand({ base }: Operand, scope: Scope, count: number): void {
  if (base.type === 'variable') checkVariable(base.name, scope);
  else if (base.type === 'pipeline') checkPipeline(base.pipeline, scope);
  else if (base.type === 'function') {
    if (!isTemplateFunction(base.name)) throw new TemplateError(describeMissingFunction(base.name));
    const wrong = describeArguments(base.name, count);
    if (wrong !== undefined) throw new TemplateError(wrong);
  }
}

function checkVariable(name: string, scope: Scope): void {
  for (let at: Scope | undefined = scope; at; at = at.parent) if (at.names.has(name)) return;
  throw new TemplateError(`undefined variable "$${name}"`);
}
