import { lexTemplate, type Segment, TemplateError, type Token } from './lexer.ts';

/** An operand with the fields taken from it: `$labels.service`, `(index . "x").y`, `toUpper`. */
export interface Operand {
  readonly base:
    | { readonly type: 'literal'; readonly value: string | number | bigint | boolean | undefined }
    | { readonly type: 'variable' | 'function'; readonly name: string }
    | { readonly type: 'dot' }
    | { readonly type: 'pipeline'; readonly pipeline: Pipeline };
  readonly fields: readonly string[];
}

/** Commands in a row; each gets the one before as its last argument. The first operand of a command may be a function. */
export type Pipeline = readonly (readonly Operand[])[];

/** A pipeline and the variables it sets: `$x := …` declares, `$x = …` changes; `range` may declare two. */
export interface Assignment {
  readonly names: readonly string[];
  readonly declares: boolean;
  readonly pipeline: Pipeline;
}

export type TemplateNode =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'print'; readonly value: Assignment }
  | { readonly type: 'break' | 'continue' }
  /** What is defined under the name, with the pipeline's value as its `.`. */
  | { readonly type: 'template'; readonly name: string; readonly pipeline: Pipeline | undefined }
  | {
      readonly type: 'if' | 'with' | 'range';
      readonly value: Assignment;
      readonly body: readonly TemplateNode[];
      readonly otherwise: readonly TemplateNode[];
    };

/** A node with blocks of its own. */
export type ControlNode = Extract<TemplateNode, { readonly body: unknown }>;

export interface ParsedTemplate {
  readonly nodes: readonly TemplateNode[];
  /** What `define` and `block` name. */
  readonly definitions: ReadonlyMap<string, readonly TemplateNode[]>;
}

/** The most blocks and parentheses inside each other. */
const MAX_DEPTH = 100;

/**
 * Parses a template: text, pipelines, variables, `if`, `with`, `range`, `else`, `break`, `continue`, `define`, `template`, `block`. Source: Go,
 * package text/template.
 * @throws TemplateError
 */
export function parseTemplate(source: string): ParsedTemplate {
  const cursor: Cursor = { segments: lexTemplate(source), at: 0, ranges: 0, definitions: new Map() };
  const { nodes, closing } = parseBlock(cursor, 0);
  if (closing) throw new TemplateError(`unexpected {{${closing.word}}}`);
  return { nodes, definitions: cursor.definitions };
}

interface Cursor {
  readonly segments: readonly Segment[];
  readonly definitions: Map<string, readonly TemplateNode[]>;
  at: number;
  /** How many `range` are open here. */
  ranges: number;
}

/** What ended a block: `{{end}}`, or `{{else …}}` with the tokens after it. */
interface Closing {
  readonly word: 'end' | 'else';
  readonly rest: readonly Token[];
}

function parseBlock(cursor: Cursor, depth: number): { nodes: TemplateNode[]; closing: Closing | undefined } {
  if (depth > MAX_DEPTH) throw new TemplateError(`more than ${MAX_DEPTH} blocks inside each other`);
  const nodes: TemplateNode[] = [];
  while (cursor.at < cursor.segments.length) {
    const segment = cursor.segments[cursor.at];
    cursor.at += 1;
    if (!segment) break;
    if (segment.type === 'text') {
      nodes.push(segment);
      continue;
    }
    const [first, ...rest] = segment.tokens;
    const word = first?.type === 'word' ? first.name : '';
    if (word === 'end' || word === 'else') return { nodes, closing: { word, rest } };
    const node = parseStatement(word, rest, cursor, depth);
    if (node === 'none') nodes.push({ type: 'print', value: parseAssignment(segment.tokens) });
    else if (node) nodes.push(node);
  }
  return { nodes, closing: undefined };
}

/** @returns `none` where the word is none of a statement, `undefined` where the statement leaves nothing behind */
function parseStatement(
  word: string,
  rest: readonly Token[],
  cursor: Cursor,
  depth: number,
): TemplateNode | 'none' | undefined {
  switch (word) {
    case 'if':
    case 'with':
    case 'range':
      return parseControl(word, rest, cursor, depth);
    case 'define':
    case 'block':
      return parseDefinition(word, rest, cursor, depth);
    case 'template':
      return parseCall(rest);
    case 'break':
    case 'continue':
      if (rest.length > 0) throw new TemplateError(`unexpected tokens after {{${word}}}`);
      if (cursor.ranges === 0) throw new TemplateError(`{{${word}}} outside {{range}}`);
      return { type: word };
    default:
      return 'none';
  }
}

/** `{{define "name"}}` only at the top, as Go has it; `{{block "name" .}}` defines and is put in where it stands. */
function parseDefinition(
  word: 'define' | 'block',
  tokens: readonly Token[],
  cursor: Cursor,
  depth: number,
): TemplateNode | undefined {
  const call = parseCall(tokens, word);
  if (word === 'define' && (depth > 0 || call.pipeline)) throw new TemplateError('unexpected {{define}}');
  const { ranges } = cursor;
  cursor.ranges = 0;
  const { nodes, closing } = parseBlock(cursor, depth + 1);
  cursor.ranges = ranges;
  if (closing?.word !== 'end') throw new TemplateError(`{{${word}}} without {{end}}`);
  if (cursor.definitions.has(call.name)) throw new TemplateError(`template ${JSON.stringify(call.name)} defined twice`);
  cursor.definitions.set(call.name, nodes);
  return word === 'block' ? call : undefined;
}

function parseCall([first, ...rest]: readonly Token[], word = 'template') {
  if (first?.type !== 'literal' || typeof first.value !== 'string')
    throw new TemplateError(`expected a name in quotes after {{${word}`);
  const pipeline = rest.length > 0 ? parsePipeline(rest) : undefined;
  return { type: 'template', name: first.value, pipeline } as const;
}

function parseControl(
  type: 'if' | 'with' | 'range',
  tokens: readonly Token[],
  cursor: Cursor,
  depth: number,
): TemplateNode {
  const value = parseAssignment(tokens);
  if (type === 'range') cursor.ranges += 1;
  const { nodes: body, closing } = parseBlock(cursor, depth + 1);
  if (type === 'range') cursor.ranges -= 1;
  if (!closing) throw new TemplateError(`{{${type}}} without {{end}}`);
  if (closing.word === 'end') return { type, value, body, otherwise: [] };
  const [next, ...rest] = closing.rest;
  if (next?.type === 'word' && (next.name === 'if' || next.name === 'with'))
    return { type, value, body, otherwise: [parseControl(next.name, rest, cursor, depth + 1)] };
  if (next) throw new TemplateError('unexpected tokens after {{else}}');
  const last = parseBlock(cursor, depth + 1);
  if (last.closing?.word !== 'end') throw new TemplateError(`{{${type}}} without {{end}}`);
  return { type, value, body, otherwise: last.nodes };
}

function parseAssignment(tokens: readonly Token[]): Assignment {
  const at = tokens.findIndex((token) => token.type === 'symbol' && (token.name === ':=' || token.name === '='));
  const operator = tokens[at];
  if (operator?.type !== 'symbol') return { names: [], declares: false, pipeline: parsePipeline(tokens) };
  const names = tokens
    .slice(0, at)
    .flatMap((token) => (token.type === 'variable' && token.name !== '' ? [token.name] : []));
  if (names.length === 0 || names.length > 2 || names.length * 2 - 1 !== at)
    throw new TemplateError('expected a variable before := or =');
  return { names, declares: operator.name === ':=', pipeline: parsePipeline(tokens.slice(at + 1)) };
}

function parsePipeline(tokens: readonly Token[], depth = 0): Pipeline {
  if (depth > MAX_DEPTH) throw new TemplateError(`more than ${MAX_DEPTH} parentheses inside each other`);
  const commands: Operand[][] = [[]];
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    const command = commands.at(-1);
    if (!token || !command) break;
    if (token.type === 'symbol' && token.name === '|') {
      if (command.length === 0) throw new TemplateError('missing value for a command');
      commands.push([]);
    } else if (token.type === 'symbol' && token.name === '(') {
      const end = closingParenthesis(tokens, at);
      const pipeline = parsePipeline(tokens.slice(at + 1, end), depth + 1);
      command.push({ base: { type: 'pipeline', pipeline }, fields: [] });
      at = end;
    } else command.push(parseOperand(token));
    at += takeFields(tokens, at + 1, command);
  }
  if (commands.at(-1)?.length === 0) throw new TemplateError('missing value for a command');
  return commands;
}

function parseOperand(token: Token): Operand {
  if (token.type === 'symbol') throw new TemplateError(`unexpected ${JSON.stringify(token.name)}`);
  if (token.type === 'literal') return { base: { type: 'literal', value: token.value }, fields: [] };
  if (token.type === 'word') return { base: { type: 'function', name: token.name }, fields: [] };
  if (token.type === 'variable') return { base: { type: 'variable', name: token.name }, fields: [] };
  return { base: { type: 'dot' }, fields: token.name === '' ? [] : [token.name] };
}

/** Adds the `.x.y` that stand directly behind an operand to it. @returns how many tokens that took */
function takeFields(tokens: readonly Token[], start: number, command: Operand[]): number {
  const last = command.at(-1);
  const names: string[] = [];
  for (let token = tokens[start]; token?.type === 'field' && token.joined; token = tokens[start + names.length])
    names.push(token.name);
  if (last && names.length > 0) command[command.length - 1] = { ...last, fields: [...last.fields, ...names] };
  return names.length;
}

function closingParenthesis(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token?.type !== 'symbol') continue;
    if (token.name === '(') depth += 1;
    if (token.name === ')') depth -= 1;
    if (depth === 0) return at;
  }
  throw new TemplateError('unclosed parenthesis');
}
