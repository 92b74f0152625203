import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createClickHouse } from '@tocsin/service/clickhouse';
import { ConfigError, loadConfig, type RuleGroup, type TocsinConfig } from '@tocsin/service/config';
import { withEmbeddedLogin } from '@tocsin/service/embedded-login';
import { request } from 'undici';
import { createSqlExpression } from '../rules/sql-expression.ts';
import { loadShippedGroups } from '../rules/shipped.ts';
import { runBacktest } from '../rules-command/backtest/backtest.ts';
import { formatBacktest } from '../rules-command/backtest/report.ts';
import { type DiffArguments, DiffUsageError, readDiffArguments, USAGE } from './arguments.ts';
import { compareConfigs, rulesOf } from './compare.ts';
import { comparePaging, type FiringAlert } from './paging.ts';
import { type DiffReport, differs, formatJson, formatMarkdown, formatText } from './report.ts';

/** Exit codes: those of every command, and one for what differs. */
export const EXIT = { told: 0, failed: 1, badUsage: 2, differs: 3 } as const;

const FORMATS = { text: formatText, json: formatJson, markdown: formatMarkdown } as const;
const ANSWER_LIMIT_MS = 10_000;
/** An alerting with more alerts than fit in this says so by an error, not by filling the memory here. */
const MAX_ANSWER_BYTES = 64 * 2 ** 20;

/** What the command runs with. */
export interface DiffCommandOptions {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workingDir: string;
  readonly nowMs: number;
  readonly out: (text: string) => void;
  readonly complain: (text: string) => void;
  readonly signal: AbortSignal;
}

/** What was asked for is not to be had now; the message says why. */
class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
  readonly code = 'TOCSIN_DIFF_UNAVAILABLE';
}

/** `tocsin diff OLD NEW`. @returns the exit code */
export async function runDiffCommand(options: DiffCommandOptions): Promise<number> {
  try {
    const args = readDiffArguments(options.args);
    const [before, after] = [await load(args.before, options), await load(args.after, options)];
    const shipped = await loadShippedGroups();
    const changes = compareConfigs(before, after, shipped);
    const rules = changes.sections.find(({ section }) => section === 'rules');
    const changed = new Set([...(rules?.added ?? []), ...(rules?.changed ?? []).map(({ name }) => name)]);
    const firing = args.alertingUrl === undefined ? [] : await readFiring(args.alertingUrl, options);
    const paging = comparePaging(before, after, { shipped, changed, firing });
    const played = await play(after, chooseGroups(after, shipped, changed), args, options);
    const report: DiffReport = { changes, paging, backtest: played?.text };
    options.out(FORMATS[args.format](report));
    const failures = played?.failures ?? [];
    for (const [rule, { message }] of failures) options.complain(`--backtest: ${rule}: ${message}\n`);
    if (failures.length > 0) return EXIT.failed;
    return args.tellsByExitCode && differs(report) ? EXIT.differs : EXIT.told;
  } catch (error) {
    if (error instanceof UnavailableError) {
      options.complain(`${error.message}\n`);
      return EXIT.failed;
    }
    if (error instanceof DiffUsageError) options.complain(`${error.message}\n\n${USAGE}`);
    else if (error instanceof ConfigError) options.complain(`${error.message}\n`);
    else throw error;
    return EXIT.badUsage;
  }
}

function load(named: string, { env, workingDir }: DiffCommandOptions): Promise<TocsinConfig> {
  const path = resolve(workingDir, named);
  const isFolder = existsSync(path) && statSync(path).isDirectory();
  return loadConfig({ file: isFolder ? join(path, 'tocsin.yaml') : path, env, workingDir });
}

/** @throws UnavailableError */
async function readFiring(url: string, { env, signal }: DiffCommandOptions): Promise<readonly FiringAlert[]> {
  const token = env['TOCSIN_ALERTING_TOKEN'];
  const asked = `${url.replace(/\/$/, '')}/api/v2/alerts`;
  try {
    const { statusCode, body } = await request(asked, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_LIMIT_MS)]),
    });
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_ANSWER_BYTES)
        throw new UnavailableError(`--alerting: ${asked} answers with more than ${MAX_ANSWER_BYTES} bytes`);
      chunks.push(chunk);
    }
    if (statusCode !== 200) throw new UnavailableError(`--alerting: ${asked} answers with ${statusCode}, expected 200`);
    const alerts: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (!Array.isArray(alerts) || !alerts.every(isFiring))
      throw new UnavailableError(`--alerting: ${asked} does not answer with a list of alerts`);
    return alerts;
  } catch (error) {
    if (error instanceof UnavailableError || !(error instanceof Error)) throw error;
    throw new UnavailableError(`--alerting: ${asked}: ${error.message}`, { cause: error });
  }
}

function isFiring(value: unknown): value is FiringAlert {
  return typeof value === 'object' && value !== null && 'labels' in value && typeof value.labels === 'object';
}

/** The groups with the rules of these names only. */
function chooseGroups(
  config: TocsinConfig,
  shipped: readonly RuleGroup[],
  names: ReadonlySet<string>,
): readonly RuleGroup[] {
  const chosen = Map.groupBy(
    rulesOf(config, shipped).filter(({ name }) => names.has(name)),
    ({ group }) => group,
  );
  return [...chosen].map(([group, rules]) => ({ ...group, rules: rules.map(({ rule }) => rule) }));
}

interface Played {
  readonly text: string;
  /** Rules that could not be evaluated, with the last reason. */
  readonly failures: readonly (readonly [rule: string, failure: { readonly message: string }])[];
}

async function play(
  config: TocsinConfig,
  groups: readonly RuleGroup[],
  { backtestMs, dataDir }: DiffArguments,
  { nowMs, workingDir, env, signal }: DiffCommandOptions,
): Promise<Played | undefined> {
  if (backtestMs === undefined || groups.length === 0) return undefined;
  const data = resolve(workingDir, dataDir ?? (env['TOCSIN_DATA'] || 'data'));
  const known = existsSync(join(data, 'clickhouse', 'credentials.json'));
  const settings = known ? withEmbeddedLogin(config, 'alerting', data) : config;
  const expression = createSqlExpression(createClickHouse(settings, { application: 'rules', readonly: true }));
  const fromMs = nowMs - backtestMs;
  try {
    const result = await runBacktest({
      config: settings,
      groups,
      expression,
      fromMs,
      toMs: nowMs,
      stepMs: undefined,
      onProgress: () => undefined,
      signal,
    });
    return { text: formatBacktest(groups, result, fromMs), failures: [...result.failures] };
  } finally {
    await expression.stop();
  }
}
