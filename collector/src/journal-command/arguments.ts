import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export const USAGE = `Usage: npx tocsin journal list
       npx tocsin journal explain ID
       npx tocsin journal replay ID… | --all
       npx tocsin journal discard ID… | --all [--yes]
Each takes --data DIR (default: TOCSIN_DATA, then ./data) and --json. An ID may be cut short where it stays unique.`;

const ACTIONS = ['list', 'explain', 'replay', 'discard'] as const;
export type Action = (typeof ACTIONS)[number];

/** What the command line asks for. */
export interface Request {
  readonly action: Action;
  readonly ids: readonly string[];
  readonly all: boolean;
  readonly yes: boolean;
  readonly json: boolean;
  /** The collector's own data directory, absolute. */
  readonly directory: string;
}

/** Reads the command line. @returns the request, or in words what is wrong with it */
export function readArguments(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  workingDir: string,
): Request | string {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return error.message;
  }
  const { values, positionals } = parsed;
  const [name = 'list', ...ids] = positionals;
  const action = ACTIONS.find((known) => known === name);
  if (!action) return `Expected one of ${ACTIONS.join(', ')}, found ${JSON.stringify(name)}.`;
  const { all = false, yes = false, json = false, data } = values;
  const problem = checkIds(action, ids, all);
  if (problem !== undefined) return problem;
  const directory = resolve(workingDir, data ?? (env['TOCSIN_DATA'] || 'data'), 'collector');
  return { action, ids, all, yes, json, directory };
}

function checkIds(action: Action, ids: readonly string[], all: boolean): string | undefined {
  if (action === 'list') return ids.length > 0 || all ? 'list takes no ID.' : undefined;
  if (action === 'explain') return ids.length !== 1 || all ? 'explain takes one ID.' : undefined;
  if (all === ids.length > 0) return `${action} takes either IDs or --all.`;
  return undefined;
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      data: { type: 'string' },
      json: { type: 'boolean' },
      all: { type: 'boolean' },
      yes: { type: 'boolean' },
    },
    strict: true,
    allowPositionals: true,
  });
}
