import { dirname, resolve } from 'node:path';
import { readDocument, type SourceDocument } from './document.ts';
import { tellKnownKeys } from './known-keys.ts';
import { checkMessageTemplates } from './message-templates.ts';
import type { Problem } from './problem.ts';
import { problemsOf } from './report.ts';
import { alertmanagerFile, ROUTING_KEYS, type RoutingConfig } from './schema/alerting/alerting.ts';
import { asMapping, isMapping, type Mapping, textAt } from './schema/cross-checks.ts';
import type { References } from './secret-file.ts';
import { fillSecretFiles } from './secret-keys.ts';
import { readSourceText, signFile } from './source-files.ts';
import { loadTemplateFiles, type TemplateFile } from './template-files.ts';

/** What stands in the files that the section `alerting` names. */
export interface LoadedAlertmanager {
  /** Of `alerting.config_file`; `undefined` where there is none. */
  readonly routing: RoutingConfig | undefined;
  /** Absolute. */
  readonly patterns: readonly string[];
  readonly signatures: readonly string[];
  readonly problems: readonly Problem[];
  /** Of `templates`, in the order of the list. */
  readonly templates: readonly TemplateFile[];
}

/**
 * Reads Alertmanager's configuration in a file of its own. There `$` stays as it is, and relative paths are from
 * the file's folder, as for Alertmanager.
 * @param folder that of `tocsin.yaml`
 * @param referencesIn what secrets in files of their own are read with, by the folder they are relative to
 */
export async function loadAlertmanager(
  main: SourceDocument,
  folder: string,
  shown: (absolute: string) => string,
  referencesIn: (folder: string) => References,
): Promise<LoadedAlertmanager> {
  const section = asMapping(asMapping(main.value)['alerting']);
  const named = textAt(section, 'config_file');
  if (named === undefined || named === '') {
    const own = await loadTemplateFiles(main, ['alerting', 'templates'], folder, shown);
    const wrong = checkMessageTemplates(main, ['alerting', 'receivers'], own.templates);
    return { routing: undefined, ...own, problems: [...own.problems, ...wrong] };
  }
  const path = resolve(folder, named);
  const watched = { patterns: [path], signatures: [await signFile(path)] };
  const content = await readSourceText(path);
  if (content.status === 'failed') {
    const at = ['alerting', 'config_file'];
    const problem = { file: main.file, line: main.lineOf(at), path: at.join('.') };
    // A file that is not there has no signature until it appears.
    const signatures = watched.signatures.filter((text) => !text.endsWith(':absent'));
    const problems = main.isUnfilled(at) ? [] : [{ ...problem, expected: content.expected, found: content.found }];
    return { routing: undefined, patterns: [path], signatures, problems, templates: [] };
  }
  const source = readDocument(shown(path), content.text, undefined);
  const filled = fillSecretFiles(source, referencesIn(dirname(path)), []);
  const parsed = alertmanagerFile.safeParse(withoutEmpty(filled.value), { error: tellKnownKeys });
  const issues = source.isBroken ? [] : (parsed.error?.issues ?? []);
  const more = await loadTemplateFiles(source, ['templates'], dirname(path), shown);
  return {
    routing: parsed.data,
    templates: more.templates,
    patterns: [...watched.patterns, ...more.patterns],
    signatures: [...watched.signatures, ...more.signatures],
    problems: [
      ...findRivals(main, section),
      ...source.problems,
      ...filled.problems,
      ...problemsOf(issues, source),
      ...more.problems,
      ...checkMessageTemplates(source, ['receivers'], more.templates),
    ],
  };
}

/** What the file says is said there only. */
function findRivals(main: SourceDocument, section: Mapping): Problem[] {
  return ROUTING_KEYS.filter((key) => section[key] !== undefined).map((key) => {
    const path = ['alerting', key];
    const expected = `no ${key} beside config_file (it belongs into that file)`;
    return { file: main.file, line: main.lineOf(path), path: path.join('.'), expected, found: main.foundAt(path) };
  });
}

/** Labels of people's own: a value that is missing is a mistake there. */
const LABELS = /^(?:source_|target_)?match(?:_re)?$/;

/** To Alertmanager a key without a value is one that is not there, and so is an empty text among the globals. */
function withoutEmpty(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((entry: unknown) => withoutEmpty(entry));
  if (!isMapping(value) || (LABELS.test(key) && Object.keys(value).length > 0)) return value;
  const given = Object.entries(value).filter(
    ([name, inner]) => (inner !== null || name === 'name') && (key !== 'global' || inner !== ''),
  );
  return Object.fromEntries(given.map(([name, inner]) => [name, withoutEmpty(inner, name)]));
}
