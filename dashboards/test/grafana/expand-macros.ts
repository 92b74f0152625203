/** What Grafana knows when it sends a panel's query. */
export interface QueryContext {
  readonly fromMs: number;
  readonly toMs: number;
  /** The panel's interval in ms. */
  readonly intervalMs: number;
  /** The chosen values by variable; `'$__all'` means that all are chosen. */
  readonly variables: Readonly<Record<string, '$__all' | readonly string[]>>;
  /** What "all" stands for, by variable. */
  readonly options?: Readonly<Record<string, readonly string[]>>;
}

type Macro = (args: readonly string[], context: QueryContext) => string;

const seconds = (ms: number): string => `toDateTime(${Math.floor(ms / 1_000)})`;
const millis = (ms: number): string => `fromUnixTimestamp64Milli(${ms})`;
const intervalSeconds = ({ intervalMs }: QueryContext): number => Math.max(Math.floor(intervalMs / 1_000), 1);

/**
 * The plugin's macros that end up as SQL text, as its backend expands them.
 * Source: grafana/clickhouse-datasource 4.20, documentation "Query editor", macros, and the behaviour of `pkg/macros`.
 */
const MACROS: Readonly<Record<string, Macro>> = {
  timeFilter: ([column], { fromMs, toMs }) => `${column} >= ${seconds(fromMs)} AND ${column} <= ${seconds(toMs)}`,
  timeFilter_ms: ([column], { fromMs, toMs }) => `${column} >= ${millis(fromMs)} AND ${column} <= ${millis(toMs)}`,
  fromTime: (_args, { fromMs }) => seconds(fromMs),
  toTime: (_args, { toMs }) => seconds(toMs),
  fromTime_ms: (_args, { fromMs }) => millis(fromMs),
  toTime_ms: (_args, { toMs }) => millis(toMs),
  timeInterval: ([column], context) =>
    `toStartOfInterval(toDateTime(${column}), INTERVAL ${intervalSeconds(context)} second)`,
  timeInterval_ms: ([column], { intervalMs }) =>
    `toStartOfInterval(toDateTime64(${column}, 3), INTERVAL ${Math.max(intervalMs, 1)} millisecond)`,
  interval_s: (_args, context) => String(intervalSeconds(context)),
};

/** Expands a panel's statement in Grafana's order: "all" conditions, then variables, then the backend's macros. */
export function expandMacros(sql: string, context: QueryContext): string {
  const conditioned = expandCalls(sql, (name, args) => {
    if (name !== 'conditionalAll') return undefined;
    const [condition, variable] = args;
    if (args.length !== 2 || condition === undefined || variable === undefined) throw new Error(`bad macro: ${sql}`);
    const chosen = context.variables[variable.trim().replace(/^\$\{?|\}$/g, '')];
    if (chosen === undefined) throw new Error(`no such variable: ${variable}`);
    // The plugin asks for an empty text as well as for "all".
    return chosen === '$__all' || chosen.join(',') === '' ? '1=1' : condition;
  });
  const filled = conditioned.replace(/\$\{(\w+):singlequote\}/g, (_match, name: string) => {
    const chosen = context.variables[name];
    const values = chosen === '$__all' ? context.options?.[name] : chosen;
    if (values === undefined) throw new Error(`no such variable: ${name}`);
    return values.map((value) => `'${value.replaceAll("'", String.raw`\'`)}'`).join(',');
  });
  const expanded = expandCalls(filled, (name, args) => MACROS[name]?.(args, context));
  if (/\$__|\$\{/.test(expanded)) throw new Error(`something is left to expand: ${expanded}`);
  return expanded;
}

/** Replaces `$__name(…)` and `$__name` by what `expand` gives; what it does not know stays. Brackets in arguments nest. */
function expandCalls(sql: string, expand: (name: string, args: readonly string[]) => string | undefined): string {
  let result = '';
  let rest = sql;
  for (let match = /\$__(\w+)/.exec(rest); match; match = /\$__(\w+)/.exec(rest)) {
    const end = match.index + match[0].length;
    const call = rest[end] === '(' ? readArguments(rest, end) : { args: [], end };
    const replacement = expand(match[1] ?? '', call.args);
    result += rest.slice(0, match.index) + (replacement ?? rest.slice(match.index, end));
    rest = rest.slice(replacement === undefined ? end : call.end);
  }
  return result + rest;
}

function readArguments(text: string, open: number): { args: string[]; end: number } {
  const args: string[] = [];
  let depth = 0;
  let from = open + 1;
  for (let index = open; index < text.length; index++) {
    const character = text[index];
    if (character === '(') depth++;
    if (character === ')') depth--;
    if ((character === ',' && depth === 1) || depth === 0) {
      args.push(text.slice(from, index).trim());
      from = index + 1;
    }
    if (depth === 0) return { args, end: index + 1 };
  }
  throw new Error(`a bracket is not closed: ${text}`);
}
