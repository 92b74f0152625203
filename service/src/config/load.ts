import { glob, readFile } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { type SourceDocument, type Problem, readDocument } from './document.ts';
import { formatProblems, problemsOf } from './report.ts';
import { root } from './schema/root.ts';
import { ruleFile, type RuleGroup } from './schema/rules.ts';
import type { z } from 'zod';

/** Everything a Tocsin process is told, parsed once, complete and frozen. */
export type TocsinConfig = Readonly<Omit<z.output<typeof root>, 'rule_files' | 'shipped_rules'>> & {
  /** The groups of all rule files, in the order of the files. The shipped pack is not among them. */
  readonly ruleGroups: readonly RuleGroup[];
  /** Whether the shipped rule pack is evaluated as well. */
  readonly shippedRules: boolean;
  /** Absolute paths of every file that was read: what a reload watches. */
  readonly files: readonly string[];
};

/** The configuration cannot be used. `problems` is never empty; the message lists them all. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'TOCSIN_CONFIG_INVALID';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(formatProblems(problems));
    this.problems = problems;
  }
}

/** Where the configuration comes from. `file` undefined means all defaults. */
export interface ConfigSource {
  readonly file: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
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
    return short.startsWith('..') || isAbsolute(short) ? absolute : short;
  };
  const source = path === undefined ? readDocument('(defaults)', '{}', env) : await readSource(path, shown(path), env);
  const problems = [...source.problems];
  const parsed = root.safeParse(source.value);
  if (!source.isBroken && !parsed.success) problems.push(...problemsOf(parsed.error.issues, source));
  problems.sort((a, b) => a.line - b.line);

  const rules = await loadRuleFiles(source, dirname(path ?? resolve(workingDir, 'tocsin.yaml')), shown);
  problems.push(...rules.problems);
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems);

  const { rule_files: _files, shipped_rules: shippedRules, ...sections } = parsed.data;
  return deepFreeze({
    ...sections,
    shippedRules,
    ruleGroups: rules.groups,
    files: [...(path === undefined ? [] : [path]), ...rules.files],
  });
}

async function readSource(path: string, shown: string, env: ConfigSource['env']): Promise<SourceDocument> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new ConfigError([{ file: shown, line: 1, path: '', expected: 'a file that can be read', found: code }]);
  }
  return readDocument(shown, text, env);
}

interface LoadedRules {
  readonly groups: RuleGroup[];
  readonly files: string[];
  readonly problems: Problem[];
}

async function loadRuleFiles(
  source: SourceDocument,
  folder: string,
  shown: (absolute: string) => string,
): Promise<LoadedRules> {
  const loaded: LoadedRules = { groups: [], files: [], problems: [] };
  const value = source.value as { rule_files?: unknown } | null;
  const patterns = Array.isArray(value?.rule_files)
    ? value.rule_files.filter((entry) => typeof entry === 'string')
    : [];
  for (const [index, pattern] of patterns.entries()) {
    const files = (await Array.fromAsync(glob(pattern, { cwd: folder }))).sort().map((file) => resolve(folder, file));
    if (files.length === 0 && !/[*?[{]/.test(pattern)) {
      const path = ['rule_files', index];
      const line = source.lineOf(path);
      loaded.problems.push({
        file: source.file,
        line,
        path: `rule_files[${index}]`,
        expected: 'a file that exists',
        found: pattern,
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
  const source = readDocument(shown, await readFile(path, 'utf8'), undefined);
  into.files.push(path);
  into.problems.push(...source.problems);
  if (source.problems.length > 0) return;
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
  const loaded: LoadedRules = { groups: [], files: [], problems: [] };
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
