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
  | {
      readonly type: 'if' | 'with' | 'range';
      readonly value: Assignment;
      readonly body: readonly TemplateNode[];
      readonly otherwise: readonly TemplateNode[];
    };

/** The most blocks and parentheses inside each other. */
const MAX_DEPTH = 100;

/**
 * Parses a template: text, pipelines, variables, `if`, `with`, `range`, `else`, `end`. Source: Go, package text/template; what is
 * not among these (`define`, `template`, `block`, `break`, `continue`) is an error that says so.
 * @throws TemplateError
 */
export function parseTemplate(source: string): readonly TemplateNode[] {
  const cursor: Cursor = { segments: lexTemplate(source), at: 0 };
  const { nodes, closing } = parseBlock(cursor, 0);
  if (closing) throw new TemplateError(`unexpected {{${closing.word}}}`);
  return nodes;
}

interface Cursor {
  readonly segments: readonly Segment[];
  at: number;
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
    if (word === 'if' || word === 'with' || word === 'range') nodes.push(parseControl(word, rest, cursor, depth));
    else if (/^(?:define|template|block|break|continue)$/.test(word))
      throw new TemplateError(`{{${word}}} is not supported`);
    else nodes.push({ type: 'print', value: parseAssignment(segment.tokens) });
  }
  return { nodes, closing: undefined };
}

function parseControl(
  type: 'if' | 'with' | 'range',
  tokens: readonly Token[],
  cursor: Cursor,
  depth: number,
): TemplateNode {
  const value = parseAssignment(tokens);
  const { nodes: body, closing } = parseBlock(cursor, depth + 1);
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
