import { readDocument, type SourceDocument } from './document.ts';
import { tellKnownKeys } from './known-keys.ts';
import type { Problem } from './problem.ts';
import { problemsOf } from './report.ts';
import { ruleFile, type RuleGroup } from './schema/rules.ts';
import type { Slo } from './schema/slos.ts';
import { readSourceText, signFile } from './source-files.ts';

/** Rules, and what rules are made of. */
export interface RuleSet {
  readonly groups: readonly RuleGroup[];
  readonly slos: readonly Slo[];
}

/** What rule files hold. */
export interface LoadedRules {
  readonly groups: RuleGroup[];
  readonly slos: Slo[];
  readonly sources: SourceDocument[];
  readonly signatures: string[];
  readonly problems: Problem[];
}

/** Reads rule files, strictly, in their order. */
export async function loadRuleFiles(
  files: readonly string[],
  shown: (absolute: string) => string,
): Promise<LoadedRules> {
  const loaded: LoadedRules = { groups: [], slos: [], sources: [], signatures: [], problems: [] };
  for (const file of files) await loadRuleFile(file, shown(file), loaded);
  return loaded;
}

/** Rule files keep `$` as it is (`{{ $labels.x }}`): references to the environment are not filled in there. */
export async function loadRuleFile(path: string, shown: string, into: LoadedRules): Promise<void> {
  into.signatures.push(await signFile(path));
  const content = await readSourceText(path);
  if (content.status === 'failed') {
    into.problems.push({ file: shown, line: 1, path: '', expected: content.expected, found: content.found });
    return;
  }
  const source = readDocument(shown, content.text, undefined);
  into.sources.push(source);
  into.problems.push(...source.problems);
  if (source.isBroken) return;
  const parsed = ruleFile.safeParse(source.value, { error: tellKnownKeys });
  if (!parsed.success) {
    into.problems.push(...problemsOf(parsed.error.issues, source));
    return;
  }
  into.groups.push(...parsed.data.groups.map((group) => ({ ...group, file: shown })));
  into.slos.push(...parsed.data.slos);
}
