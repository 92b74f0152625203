import { dirname, resolve } from 'node:path';
import { ConfigError } from './config-error.ts';
import { readDocument } from './document.ts';
import { tellKnownKeys } from './known-keys.ts';
import { loadRuleGroups } from './load.ts';
import { problemsOf } from './report.ts';
import { ruleTests, type RuleTests } from './schema/rule-tests.ts';
import type { RuleGroup } from './schema/rules.ts';
import { readSourceText } from './source-files.ts';

export type { AlertTest, RuleTest, RuleTests, TestRows, TestSeries } from './schema/rule-tests.ts';

/** Unit tests of rules, and the rules they are about. */
export interface LoadedRuleTests extends RuleTests {
  readonly groups: readonly RuleGroup[];
}

/**
 * Reads a file of unit tests and the rule files it names, which are relative to it.
 * @param shown the file's name in problems
 * @throws ConfigError with every problem of the file, or of the first rule file that has one
 */
export async function loadRuleTests(path: string, shown: string): Promise<LoadedRuleTests> {
  const content = await readSourceText(path);
  if (content.status === 'failed')
    throw new ConfigError([{ file: shown, line: 1, path: '', expected: content.expected, found: content.found }]);
  const source = readDocument(shown, content.text, undefined);
  const parsed = ruleTests.safeParse(source.value, { error: tellKnownKeys });
  const issues = source.isBroken ? [] : (parsed.error?.issues ?? []);
  const problems = [...source.problems, ...problemsOf(issues, source)];
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems);
  const files = parsed.data.ruleFiles.map((file) => resolve(dirname(path), file));
  const groups = await Promise.all(files.map((file, at) => loadRuleGroups(file, parsed.data.ruleFiles[at])));
  return { ...parsed.data, groups: groups.flat() };
}
