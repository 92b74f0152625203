import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { type ClickHouseClient, createClickHouse } from '@tocsin/service/clickhouse';
import {
  ConfigError,
  consoleUrl,
  loadConfig,
  loadRules,
  type RuleGroup,
  type RuleSet,
  type TocsinConfig,
} from '@tocsin/service/config';
import { withEmbeddedLogin } from '@tocsin/service/embedded-login';
import { createSqlSeries } from '../rules/chart/sql-series.ts';
import { createSqlExpression } from '../rules/sql-expression.ts';
import { readInvocation } from '@tocsin/service/invocation';
import { loadRuleTests } from '@tocsin/service/rule-tests';
import { planGroup } from '../rules/group.ts';
import { loadShippedGroups } from '../rules/shipped.ts';
import { sloGroups } from '../slo/slo-rules.ts';
import { type BacktestArguments, readArguments, type RulesArguments, USAGE, UsageError } from './arguments.ts';
import { askCharts } from './ask-charts.ts';
import { askTemplateQueries } from './ask-template-queries.ts';
import { askGroup } from './ask.ts';
import { runBacktest } from './backtest/backtest.ts';
import { backtestJson, formatBacktest } from './backtest/report.ts';
import { formatFailure } from './tests/report.ts';
import { runTest } from './tests/run-test.ts';
import { SeriesError } from './tests/series.ts';
import { createTestWorld } from './tests/world.ts';

/** Exit codes: those of every command. */
export const EXIT = { good: 0, failed: 1, badUsage: 2 } as const;

/** So long a chart may take in `check`, in seconds. */
const CHART_TIME_S = 15;

/** What the command runs with. */
export interface RulesCommandOptions {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workingDir: string;
  readonly nowMs: number;
  /** A ClickHouse with the collector's schema and nothing else, for `check` and `test`: it is written to. A URL with user and password. */
  readonly scratchUrl: string | undefined;
  readonly out: (text: string) => void;
  readonly complain: (text: string) => void;
  /** Shows how far a long job is; `undefined` where nobody watches. */
  readonly progress: ((line: string) => void) | undefined;
  readonly signal: AbortSignal;
}

/** `tocsin rules …`. @returns the exit code */
export async function runRulesCommand(options: RulesCommandOptions): Promise<number> {
  try {
    const args = readArguments(options.args, options.nowMs);
    if (args.command === 'check') return await check(args, options);
    if (args.command === 'test') return await test(args.files, options);
    return await backtest(args, options);
  } catch (error) {
    if (error instanceof UsageError) options.complain(`${error.message}\n\n${USAGE}`);
    else if (error instanceof ConfigError) options.complain(`${error.message}\n`);
    else throw error;
    return EXIT.badUsage;
  }
}

async function check(
  { files, configFile }: Extract<RulesArguments, { command: 'check' }>,
  options: RulesCommandOptions,
): Promise<number> {
  const groups = await readGroups(files, configFile, options);
  const { client, config } = await openScratch(options);
  const expression = createSqlExpression(client);
  const series = createSqlSeries(client, CHART_TIME_S);
  let bad = 0;
  try {
    for (const group of groups) {
      planGroup(group);
      const results = await askGroup(group, options.nowMs, expression, consoleUrl(config));
      for (const [at, result] of results.entries()) {
        if (result.status === 'ok') continue;
        bad += 1;
        options.complain(
          `${group.file}: group ${group.name}, ${group.rules[at]?.alert ?? ''}: ${result.reason}: ${result.message}\n`,
        );
      }
      for (const wrong of [
        ...(await askCharts(group, options.nowMs, series)),
        ...(await askTemplateQueries(group, options.nowMs, expression)),
      ]) {
        bad += 1;
        options.complain(`${group.file}: group ${group.name}, ${wrong}\n`);
      }
    }
  } finally {
    await expression.stop();
  }
  const count = groups.reduce((sum, { rules }) => sum + rules.length, 0);
  const verdict = bad === 0 ? 'all of them run' : `${bad} of them cannot be evaluated`;
  options.out(`${count} rules in ${groups.length} groups (database ${config.clickhouse.database}): ${verdict}.\n`);
  return bad === 0 ? EXIT.good : EXIT.failed;
}

async function test(files: readonly string[], options: RulesCommandOptions): Promise<number> {
  const loaded = await Promise.all(
    files.map(async (file) => ({ file, tests: await loadRuleTests(resolve(options.workingDir, file), file) })),
  );
  const { client } = await openScratch(options);
  const expression = createSqlExpression(client);
  const world = createTestWorld(client);
  const sum = { good: 0, bad: 0 };
  try {
    for (const { file, tests } of loaded) {
      options.out(`Unit testing: ${file}\n`);
      const { groups, evaluationIntervalMs } = tests;
      for (const [at, one] of tests.tests.entries()) {
        const name = one.name ?? `test ${at + 1}`;
        const said = await describeTest(name, () => runTest(one, { groups, evaluationIntervalMs, world, expression }));
        options.out(said.text);
        sum[said.isGood ? 'good' : 'bad'] += 1;
      }
    }
  } finally {
    await expression.stop();
  }
  options.out(`${sum.good} passed, ${sum.bad} failed\n`);
  return sum.bad === 0 ? EXIT.good : EXIT.failed;
}

async function describeTest(
  name: string,
  run: () => ReturnType<typeof runTest>,
): Promise<{ readonly text: string; readonly isGood: boolean }> {
  try {
    const failures = await run();
    if (failures.length === 0) return { text: `  SUCCESS: ${name}\n`, isGood: true };
    return { text: failures.map((failure) => `${formatFailure(name, failure)}\n`).join(''), isGood: false };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const what = error instanceof SeriesError ? 'input_series: ' : '';
    return { text: `  FAILED: ${name}\n    ${what}${error.message}\n`, isGood: false };
  }
}

async function backtest(args: BacktestArguments, options: RulesCommandOptions): Promise<number> {
  const { config, groups: configured } = await readConfigured(args, options);
  const named = args.files.length > 0 ? await readFiles(args.files, options) : configured;
  const all = args.withShipped ? [...named, ...(await loadShippedGroups())] : named;
  const groups = chooseRules(all, args.rules);
  const expression = createSqlExpression(createClickHouse(config, { application: 'rules', readonly: true }));
  const { fromMs, toMs, stepMs } = args;
  let shownAtMs = 0;
  const onProgress = (done: number, total: number): void => {
    if (!options.progress || (performance.now() - shownAtMs < 200 && done < total)) return;
    shownAtMs = performance.now();
    options.progress(`${done} of ${total} evaluations`);
  };
  try {
    const result = await runBacktest({
      config,
      groups,
      expression,
      fromMs,
      toMs,
      stepMs,
      onProgress,
      signal: options.signal,
    });
    options.out(args.isJson ? `${backtestJson(groups, result, fromMs)}\n` : formatBacktest(groups, result, fromMs));
    if (options.signal.aborted) options.complain(`Interrupted: this is what had been played so far.\n`);
    return result.failures.size === 0 && !options.signal.aborted ? EXIT.good : EXIT.failed;
  } finally {
    await expression.stop();
  }
}

/** The groups with the rules of these names only. @throws UsageError for a name that no rule has */
function chooseRules(groups: readonly RuleGroup[], names: readonly string[]): readonly RuleGroup[] {
  const known = new Set(groups.flatMap(({ rules }) => rules.map(({ alert }) => alert)));
  if (known.size === 0)
    throw new UsageError('expected rules: name a rule file, or one in rule_files, or say --shipped');
  for (const name of names)
    if (!known.has(name)) throw new UsageError(`--rule: expected one of ${[...known].join(', ')}, found ${name}`);
  if (names.length === 0) return groups;
  return groups
    .map((group) => ({ ...group, rules: group.rules.filter(({ alert }) => names.includes(alert)) }))
    .filter(({ rules }) => rules.length > 0);
}

async function readGroups(
  files: readonly string[],
  configFile: string | undefined,
  options: RulesCommandOptions,
): Promise<readonly RuleGroup[]> {
  if (files.length > 0) return readFiles(files, options);
  const { groups } = await readConfigured({ configFile, dataDir: undefined }, options);
  if (groups.length === 0) throw new UsageError('expected rule files, or a configuration with rule_files or slos');
  return groups;
}

async function readFiles(files: readonly string[], { workingDir }: RulesCommandOptions): Promise<readonly RuleGroup[]> {
  const groups = await Promise.all(
    files.map((file) => {
      const path = resolve(workingDir, file);
      const shown = relative(workingDir, path);
      return loadRules(path, shown.startsWith('..') ? path : shown);
    }),
  );
  return groups.flatMap(withSlos);
}

/** Rules, and those that SLOs make. */
function withSlos({ groups, slos }: RuleSet): readonly RuleGroup[] {
  return [...groups, ...sloGroups(slos)];
}

async function readConfigured(
  { configFile, dataDir }: Pick<BacktestArguments, 'configFile' | 'dataDir'>,
  { env, workingDir }: RulesCommandOptions,
): Promise<{ readonly config: TocsinConfig; readonly groups: readonly RuleGroup[] }> {
  const flags = [
    ...(configFile === undefined ? [] : ['--config', configFile]),
    ...(dataDir === undefined ? [] : ['--data', dataDir]),
  ];
  const invocation = readInvocation(flags, env, workingDir);
  const config = await loadConfig({ file: invocation.configFile, env, workingDir });
  // A login is made by who starts the embedded ClickHouse, not by who looks for one.
  const known = existsSync(join(invocation.dataDir, 'clickhouse', 'credentials.json'));
  return {
    config: known ? withEmbeddedLogin(config, 'alerting', invocation.dataDir) : config,
    groups: withSlos({ groups: config.ruleGroups, slos: config.slos }),
  };
}

async function openScratch({
  scratchUrl,
  workingDir,
}: RulesCommandOptions): Promise<{ readonly client: ClickHouseClient; readonly config: TocsinConfig }> {
  if (scratchUrl === undefined)
    throw new Error('check and test need a ClickHouse of their own: npx tocsin rules starts one');
  const defaults = await loadConfig({ file: undefined, env: {}, workingDir });
  const config = { ...defaults, clickhouse: { ...defaults.clickhouse, url: scratchUrl } };
  return { client: createClickHouse(config, { application: 'rules', readonly: false }), config };
}
