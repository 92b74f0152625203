import { readDocument } from './document.ts';
import type { Environment } from './environment.ts';
import { tellKnownKeys } from './known-keys.ts';
import { ConfigError } from './config-error.ts';
import { withSecrets } from './monitor-files.ts';
import { nameMonitors } from './report.ts';
import { checkNamedFiles, resolveNamedFiles } from './named-files.ts';
import { problemsOf } from './report.ts';
import type { Monitor } from './schema/monitors/monitors.ts';
import { root } from './schema/root.ts';
import { referencesFrom } from './secret-file.ts';

/** Configuration that stands in no file. */
export interface TextSource {
  /** YAML. */
  readonly text: string;
  /** What problems call it. */
  readonly shown: string;
  readonly env: Environment;
  /** Paths are from here. */
  readonly folder: string;
}

/**
 * Reads the monitors of a text as strictly as those of a file.
 * @throws ConfigError with every problem
 */
export function parseMonitors({ text, shown, env, folder }: TextSource): readonly Monitor[] {
  const source = readDocument(
    shown,
    text,
    referencesFrom(env, folder, () => {}),
  );
  const parsed = root.safeParse(source.value, { error: tellKnownKeys });
  const issues = source.isBroken ? [] : (parsed.error?.issues ?? []);
  const own = [...source.problems, ...problemsOf(issues, source), ...checkNamedFiles([source], folder)];
  const problems = nameMonitors(own, [source]);
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems);
  return resolveNamedFiles(withSecrets(parsed.data.monitors, source), folder);
}
