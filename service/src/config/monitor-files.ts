import type { z } from 'zod';
import { readDocument, type SourceDocument } from './document.ts';
import { tellKnownKeys } from './known-keys.ts';
import type { Problem } from './problem.ts';
import { problemsOf } from './report.ts';
import { asMapping, isMapping } from './schema/cross-checks.ts';
import { defaults, fillDefaults } from './schema/defaults.ts';
import { monitorFile, type root } from './schema/root.ts';
import type { References } from './secret-file.ts';
import { readSourceText, signFile } from './source-files.ts';

type Monitors = z.output<typeof root>['monitors'];

/** The monitors of other files than `tocsin.yaml`. */
export interface LoadedMonitors {
  readonly monitors: Monitors;
  readonly sources: readonly SourceDocument[];
  readonly signatures: readonly string[];
  readonly problems: readonly Problem[];
}

/** The defaults of a file as they are written; none where they are wrong, for then the file has a problem of its own. */
function rawDefaults(value: unknown): unknown {
  const given = asMapping(value)['defaults'];
  return defaults.safeParse(given).success ? given : undefined;
}

/** A configuration's value with its defaults filled into its monitors, and where given those of another file under them. */
export function withDefaults(value: unknown, others?: unknown): unknown {
  if (!isMapping(value)) return value;
  const { monitors } = value;
  if (monitors === undefined) return value;
  return { ...value, monitors: fillDefaults(fillDefaults(monitors, rawDefaults(value)), rawDefaults(others)) };
}

/** The monitors of a file, each with the secrets that references in it were filled with. */
export function withSecrets(monitors: Monitors, source: SourceDocument): Monitors {
  return monitors.map((monitor, index) => {
    const secrets = source.secretsAt(['monitors', index]);
    return secrets.length === 0 ? monitor : { ...monitor, secrets };
  });
}

/** Reads monitor files, strictly; `main` is the value of `tocsin.yaml`, whose defaults hold in them too. */
export async function loadMonitorFiles(
  files: readonly string[],
  main: unknown,
  references: References,
  shown: (absolute: string) => string,
): Promise<LoadedMonitors> {
  const monitors: Monitors[number][] = [];
  const sources: SourceDocument[] = [];
  const signatures: string[] = [];
  const problems: Problem[] = [];
  for (const file of files) {
    signatures.push(await signFile(file));
    const content = await readSourceText(file);
    if (content.status === 'failed') {
      problems.push({ file: shown(file), line: 1, path: '', expected: content.expected, found: content.found });
      continue;
    }
    const source = readDocument(shown(file), content.text, references);
    sources.push(source);
    problems.push(...source.problems);
    if (source.isBroken) continue;
    const parsed = monitorFile.safeParse(withDefaults(source.value, main), { error: tellKnownKeys });
    if (parsed.success) monitors.push(...withSecrets(parsed.data.monitors, source));
    else problems.push(...problemsOf(parsed.error.issues, source));
  }
  return { monitors, sources, signatures, problems };
}
