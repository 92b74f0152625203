import type { ConfigSource, TocsinConfig } from './load.ts';
import type { RuleSet } from './rule-files.ts';
import type { RuleGroup } from './schema/rules.ts';

/*
 * Reading a configuration takes YAML, the schema and the schema's library: 20 MiB that no process needs once it is read. So they are
 * loaded with the first call, and a service has it done elsewhere (`reading/read-apart.ts`).
 */

/**
 * Reads `tocsin.yaml` and the rule files it names, strictly and whole.
 * @throws ConfigError with every problem of every file
 */
export async function loadConfig(source: ConfigSource): Promise<TocsinConfig> {
  const reader = await import('./load.ts');
  return reader.loadConfig(source);
}

/**
 * Reads one rule file by itself, as strictly as those of the configuration.
 * @param shown the file's name in problems, and `file` of its groups
 * @throws ConfigError with every problem of the file
 */
export async function loadRuleGroups(path: string, shown: string = path): Promise<readonly RuleGroup[]> {
  const reader = await import('./load.ts');
  return reader.loadRuleGroups(path, shown);
}

/** The same with the SLOs of the file, of which rules are made. @throws ConfigError with every problem of the file */
export async function loadRules(path: string, shown: string = path): Promise<RuleSet> {
  const reader = await import('./load.ts');
  return reader.loadRules(path, shown);
}
