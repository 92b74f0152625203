import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { type ClickHouseConfig, readClickHouseFiles } from './clickhouse-files.ts';
import { readDocument, type SourceDocument } from './document.ts';
import type { Environment } from './environment.ts';
import type { Problem } from './problem.ts';
import { formatProblems, problemsOf } from './report.ts';
import { root } from './schema/root.ts';
import { ruleFile, type RuleGroup } from './schema/rules.ts';
import { findFiles, joinSignatures, readSourceText, signFile, type WatchedFiles } from './source-files.ts';
import type { z } from 'zod';

/** Everything a Tocsin process is told, parsed once, complete and frozen. */
export type TocsinConfig = Readonly<Omit<z.output<typeof root>, 'rule_files' | 'shipped_rules' | 'clickhouse'>> & {
  readonly clickhouse: ClickHouseConfig;
  /** The groups of all rule files, in the order of the files. The shipped pack is not among them. */
  readonly ruleGroups: readonly RuleGroup[];
  /** Whether the shipped rule pack is evaluated as well. */
  readonly shippedRules: boolean;
  /** What a reload watches. */
  readonly watched: WatchedFiles;
};

/** The configuration cannot be used. `problems` is never empty; the message lists them all. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'TOCSIN_CONFIG_INVALID';
  readonly problems: readonly Problem[];
  /** The files that were read as far as they are known, the bad ones among them. */
  readonly watched: WatchedFiles | undefined;

  constructor(problems: readonly Problem[], watched?: WatchedFiles) {
    super(formatProblems(problems));
    this.problems = problems;
    this.watched = watched;
  }
}

/** Where the configuration comes from. `file` undefined means all defaults. */
export interface ConfigSource {
  readonly file: string | undefined;
  readonly env: Environment;
  /** Against this folder relative paths are shown in problems; paths inside the file resolve against the file. */
  readonly workingDir: string;
}

/**
 * Reads `tocsin.yaml` and the rule files it names, strictly and whole.
 * @throws ConfigError with every problem of every file
 */
export async function loadConfig({ file, env, workingDir }: ConfigSource): Promise<TocsinConfig> {
  const path = file === undefined ? undefined : resolve(workingDir, file);
  const shown = (absolute: string): string => {
    const short = relative(workingDir, absolute);
    return short === '' || short.startsWith('..') || isAbsolute(short) ? absolute : short;
  };
  const signature = path === undefined ? [] : [await signFile(path)];
  const source = path === undefined ? readDocument('(defaults)', '{}', env) : await readSource(path, shown(path), env);
  const problems = [...source.problems];
  const parsed = root.safeParse(source.value);
  if (!source.isBroken && !parsed.success) problems.push(...problemsOf(parsed.error.issues, source));
  const folder = dirname(path ?? resolve(workingDir, 'tocsin.yaml'));
  const server = parsed.success ? await readClickHouseFiles(parsed.data.clickhouse, source, folder) : undefined;
  problems.push(...(server?.problems ?? []));
  problems.sort((a, b) => a.line - b.line);

  const patterns = rulePatterns(source);
  const rules = await loadRuleFiles(source, patterns, folder, shown);
  problems.push(...rules.problems);
  const watched = {
    configFile: path,
    patterns: patterns.map(({ pattern }) => pattern),
    folder,
    signature: joinSignatures([...signature, ...rules.signatures]),
  };
  if (problems.length > 0 || !parsed.success || !server) throw new ConfigError(problems, watched);

  const { rule_files: _files, shipped_rules: shippedRules, ...sections } = parsed.data;
  return deepFreeze({ ...sections, clickhouse: server.clickhouse, shippedRules, ruleGroups: rules.groups, watched });
}

async function readSource(path: string, shown: string, env: Environment): Promise<SourceDocument> {
  const source = await readSourceText(path);
  if (source.status === 'ok') return readDocument(shown, source.text, env);
  const { expected, found } = source;
  throw new ConfigError([{ file: shown, line: 1, path: '', expected, found }]);
}

interface LoadedRules {
  readonly groups: RuleGroup[];
  readonly files: string[];
  readonly signatures: string[];
  readonly problems: Problem[];
}

interface RulePattern {
  readonly index: number;
  readonly pattern: string;
}

/** The entries of `rule_files` that are usable; of the others the schema says what is wrong. */
function rulePatterns(source: SourceDocument): readonly RulePattern[] {
  const { rule_files: list } = source.value as { rule_files?: unknown };
  if (!Array.isArray(list)) return [];
  return list.flatMap((pattern: unknown, index) =>
    typeof pattern === 'string' && pattern !== '' && !source.isUnfilled(['rule_files', index])
      ? [{ index, pattern }]
      : [],
  );
}

async function loadRuleFiles(
  source: SourceDocument,
  patterns: readonly RulePattern[],
  folder: string,
  shown: (absolute: string) => string,
): Promise<LoadedRules> {
  const loaded: LoadedRules = { groups: [], files: [], signatures: [], problems: [] };
  for (const { index, pattern } of patterns) {
    const files = await findFiles(pattern, folder);
    if (files.length === 0 && !/[*?[{]/.test(pattern)) {
      const path = ['rule_files', index];
      loaded.problems.push({
        file: source.file,
        line: source.lineOf(path),
        path: `rule_files[${index}]`,
        expected: 'a file that exists',
        found: source.foundAt(path),
      });
    }
    for (const file of files.filter((entry) => !loaded.files.includes(entry))) {
      await loadRuleFile(file, shown(file), loaded);
    }
  }
  return loaded;
}

/** Rule files keep `$` as it is (`{{ $labels.x }}`): references to the environment are not filled in there. */
async function loadRuleFile(path: string, shown: string, into: LoadedRules): Promise<void> {
  into.files.push(path);
  into.signatures.push(await signFile(path));
  const content = await readSourceText(path);
  if (content.status === 'failed') {
    into.problems.push({ file: shown, line: 1, path: '', expected: content.expected, found: content.found });
    return;
  }
  const source = readDocument(shown, content.text, undefined);
  into.problems.push(...source.problems);
  if (source.isBroken) return;
  const parsed = ruleFile.safeParse(source.value);
  if (parsed.success) into.groups.push(...parsed.data.groups.map((group) => ({ ...group, file: shown })));
  else into.problems.push(...problemsOf(parsed.error.issues, source));
}

/**
 * Reads one rule file by itself, as strictly as those of the configuration.
 * @param shown the file's name in problems, and `file` of its groups
 * @throws ConfigError with every problem of the file
 */
export async function loadRuleGroups(path: string, shown: string = path): Promise<readonly RuleGroup[]> {
  const loaded: LoadedRules = { groups: [], files: [], signatures: [], problems: [] };
  await loadRuleFile(path, shown, loaded);
  if (loaded.problems.length > 0) throw new ConfigError(loaded.problems);
  return deepFreeze(loaded.groups);
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
