import { loadJsonPath, loadRe2 } from '@tocsin/service/late-libraries';
import type { JSONPathEnvironment, JSONPathQuery, JSONValue } from 'json-p3';
import { findsPattern } from './pattern.ts';

/** Nesting deeper than this is not descended into. */
const DEEPEST = 200;
const MOST_QUERIES = 10_000;

const compiled = new Map<string, JSONPathQuery>();
let environment: JSONPathEnvironment | undefined;

/** A text as JSON, or that it is none. */
export type ParsedJson = { readonly status: 'json'; readonly value: unknown } | { readonly status: 'not_json' };

export function parseJson(text: string): ParsedJson {
  try {
    return { status: 'json', value: JSON.parse(text) as unknown };
  } catch (error) {
    if (error instanceof SyntaxError) return { status: 'not_json' };
    throw error;
  }
}

/** What a JSONPath query finds (RFC 9535), one value after the other. */
export interface FoundJson {
  values(): Iterable<unknown>;
  /** Whether a descent met nesting that is too deep for it, so that there may be more. */
  isTooDeep(): boolean;
}

/** Asks a document. The configuration has checked the syntax of the path. */
export function queryJson(path: string, document: unknown): FoundJson {
  let isTooDeep = false;
  return {
    *values() {
      try {
        for (const node of compileQuery(path).lazyQuery(document as JSONValue)) yield node.value;
      } catch (error) {
        if (!(error instanceof loadJsonPath().JSONPathRecursionLimitError)) throw error;
        isTooDeep = true;
      }
    },
    isTooDeep: () => isTooDeep,
  };
}

function compileQuery(path: string): JSONPathQuery {
  let known = compiled.get(path);
  if (!known) {
    known = (environment ??= createEnvironment()).compile(path);
    if (compiled.size >= MOST_QUERIES) compiled.clear();
    compiled.set(path, known);
  }
  return known;
}

/** RFC 9535 with `match()` and `search()` by RE2: those of the library run whatever JavaScript makes of a pattern. */
function createEnvironment(): JSONPathEnvironment {
  const { FunctionExpressionType, JSONPathEnvironment } = loadJsonPath();
  const made = new JSONPathEnvironment({ maxRecursionDepth: DEEPEST });
  const define = (name: string, frame: (pattern: string) => string): void => {
    made.functionRegister.set(name, {
      argTypes: [FunctionExpressionType.ValueType, FunctionExpressionType.ValueType],
      returnType: FunctionExpressionType.LogicalType,
      call: (text: unknown, pattern: unknown) =>
        typeof text === 'string' && typeof pattern === 'string' && safelyFinds(frame(pattern), text),
    });
  };
  define('match', (pattern) => `^(?:${pattern})$`);
  define('search', (pattern) => pattern);
  return made;
}

/** RFC 9535, section 2.4.6: what is not a regular expression matches nothing. */
function safelyFinds(pattern: string, text: string): boolean {
  try {
    return findsPattern(pattern, text);
  } catch (error) {
    if (error instanceof loadRe2().RE2JSException) return false;
    throw error;
  }
}
