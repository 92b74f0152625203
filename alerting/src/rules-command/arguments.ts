import { parseArgs } from 'node:util';
import { parseDuration } from '@tocsin/service/config';

/** The command line cannot be understood; the message says why. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'TOCSIN_RULES_USAGE';
}

export const USAGE = `Usage: npx tocsin rules check [FILE…] [--config FILE]
       npx tocsin rules test FILE…
       npx tocsin rules backtest [FILE…] [--from TIME] [--to TIME] [--rule NAME]… [--step 1m] [--shipped] [--config FILE] [--data DIR] [--json]

check     Read rule files (those of the configuration where none is named) and run every query once on an empty database.
test      Run unit tests of rules: promtool's files, with rows or series given and alerts expected at times.
backtest  Play rules over stored history: when they would have fired, for how long, and how many messages that is.
TIME      2026-11-20, 2026-11-20T09:30:00Z, or how long ago, as 7d. Without: from 1d ago until now.

Exit code: 0 good, 1 a rule or a test failed, 2 a mistake in what was asked or in a file.
`;

/** What the command line asks for. */
export type RulesArguments =
  | { readonly command: 'check'; readonly files: readonly string[]; readonly configFile: string | undefined }
  | { readonly command: 'test'; readonly files: readonly string[] }
  | BacktestArguments;

/** Times are Unix milliseconds. */
export interface BacktestArguments {
  readonly command: 'backtest';
  /** None: the rules of the configuration. */
  readonly files: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  /** None: every rule. */
  readonly rules: readonly string[];
  readonly stepMs: number | undefined;
  readonly withShipped: boolean;
  readonly configFile: string | undefined;
  readonly dataDir: string | undefined;
  readonly isJson: boolean;
}

/** @throws UsageError where the command line cannot be understood */
export function readArguments(args: readonly string[], nowMs: number): RulesArguments {
  const { values, positionals } = parse(args);
  const [command, ...files] = positionals;
  const onlyFor = (names: readonly (keyof typeof values)[], what: string): void => {
    const given = names.find((name) => values[name] !== undefined);
    if (given !== undefined) throw new UsageError(`--${given} is for ${what}`);
  };
  const backtestOnly = ['from', 'to', 'rule', 'step', 'shipped', 'data', 'json'] as const;
  if (command === 'check') {
    onlyFor(backtestOnly, 'backtest');
    return { command, files, configFile: values.config };
  }
  if (command === 'test') {
    onlyFor(backtestOnly, 'backtest');
    onlyFor(['config'], 'check and backtest');
    if (files.length === 0) throw new UsageError('expected a file of tests, found none');
    return { command, files };
  }
  if (command !== 'backtest')
    throw new UsageError(
      `expected check, test or backtest, found ${command === undefined ? 'none' : JSON.stringify(command)}`,
    );
  const fromMs = readTime(values.from ?? '1d', '--from', nowMs);
  const toMs = readTime(values.to ?? '0', '--to', nowMs);
  if (toMs <= fromMs) throw new UsageError('expected --to after --from');
  return {
    command,
    files,
    fromMs,
    toMs,
    rules: values.rule ?? [],
    stepMs: values.step === undefined ? undefined : readStep(values.step),
    withShipped: values.shipped ?? false,
    configFile: values.config,
    dataDir: values.data,
    isJson: values.json ?? false,
  };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        config: text,
        data: text,
        from: text,
        to: text,
        step: text,
        rule: { type: 'string', multiple: true },
        shipped: flag,
        json: flag,
      },
    });
  } catch (error) {
    if (!(error instanceof TypeError && 'code' in error)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}

function readTime(text: string, name: string, nowMs: number): number {
  const agoMs = parseDuration(text);
  if (agoMs !== undefined) return nowMs - agoMs;
  const timeMs = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(timeMs))
    throw new UsageError(`${name}: expected 2026-11-20, 2026-11-20T09:30:00Z or 7d, found ${JSON.stringify(text)}`);
  return timeMs;
}

function readStep(text: string): number {
  const stepMs = parseDuration(text);
  if (stepMs === undefined || stepMs <= 0)
    throw new UsageError(`--step: expected a duration such as 1m, found ${JSON.stringify(text)}`);
  return stepMs;
}
