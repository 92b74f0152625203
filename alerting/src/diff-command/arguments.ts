import { parseArgs } from 'node:util';
import { parseDuration } from '@tocsin/service/config';

/** The command line cannot be understood; the message says why. */
export class DiffUsageError extends Error {
  override readonly name = 'DiffUsageError';
  readonly code = 'TOCSIN_DIFF_USAGE';
}

export const USAGE = `Usage: npx tocsin diff OLD NEW [--json | --markdown] [--alerting URL] [--backtest [--from 1d]] [--data DIR] [--exit-code]

Says what becomes different: monitors, rules, SLOs, routes, receivers, schedules and settings that are added, changed or removed, and whose
alerts would reach somebody else. OLD and NEW are configuration files, or folders with a tocsin.yaml.

--alerting URL  Ask this alerting which alerts fire now, and say which of them would go elsewhere. TOCSIN_ALERTING_TOKEN is its token.
--backtest      Play new and changed rules over the history that the ClickHouse of NEW has, from --from (how long ago) until now.

Exit code: 0 told, 1 alerting or ClickHouse did not answer (or a rule could not be played), 2 a mistake in what was asked or in a configuration; with --exit-code 3 when
something differs.
`;

/** What the command line asks for. */
export interface DiffArguments {
  readonly before: string;
  readonly after: string;
  readonly format: 'text' | 'json' | 'markdown';
  readonly alertingUrl: string | undefined;
  /** How far back to play rules, in milliseconds; `undefined` for not at all. */
  readonly backtestMs: number | undefined;
  readonly dataDir: string | undefined;
  readonly tellsByExitCode: boolean;
}

/** @throws DiffUsageError where the command line cannot be understood */
export function readDiffArguments(args: readonly string[]): DiffArguments {
  const { values, positionals } = parse(args);
  const [before, after, ...more] = positionals;
  if (before === undefined || after === undefined || more.length > 0)
    throw new DiffUsageError(`expected two configurations, OLD and NEW, found ${positionals.length}`);
  if (values.json && values.markdown) throw new DiffUsageError('expected --json or --markdown, found both');
  if (!values.backtest && (values.from !== undefined || values.data !== undefined))
    throw new DiffUsageError('--from and --data are for --backtest');
  if (values.alerting !== undefined && !/^https?:$/.test(URL.parse(values.alerting)?.protocol ?? ''))
    throw new DiffUsageError(
      `--alerting: expected a URL such as http://127.0.0.1:9093, found ${JSON.stringify(values.alerting)}`,
    );
  const agoMs = parseDuration(values.from ?? '1d');
  if (agoMs === undefined || agoMs <= 0)
    throw new DiffUsageError(`--from: expected how long ago, such as 7d, found ${JSON.stringify(values.from)}`);
  return {
    before,
    after,
    format: values.json ? 'json' : values.markdown ? 'markdown' : 'text',
    alertingUrl: values.alerting,
    backtestMs: values.backtest ? agoMs : undefined,
    dataDir: values.data,
    tellsByExitCode: values['exit-code'] ?? false,
  };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const options = {
    json: flag,
    markdown: flag,
    alerting: text,
    backtest: flag,
    from: text,
    data: text,
    'exit-code': flag,
  };
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    if (!(error instanceof TypeError && 'code' in error)) throw error;
    throw new DiffUsageError(error.message, { cause: error });
  }
}
