import { dirname, resolve } from 'node:path';
import { readDocument, type SourceDocument } from './document.ts';
import { tellKnownKeys } from './known-keys.ts';
import { findListedFiles } from './listed-files.ts';
import type { Problem } from './problem.ts';
import { problemsOf } from './report.ts';
import { alertmanagerFile, ROUTING_KEYS, type RoutingConfig, type TemplateFile } from './schema/alerting/alerting.ts';
import { asMapping, type Mapping, textAt } from './schema/cross-checks.ts';
import { readSourceText, signFile } from './source-files.ts';

/** What stands in the files that the section `alerting` names. */
export interface LoadedAlertmanager {
  /** Of `alerting.config_file`; `undefined` where there is none. */
  readonly routing: RoutingConfig | undefined;
  readonly templates: readonly TemplateFile[];
  /** Absolute. */
  readonly patterns: readonly string[];
  readonly signatures: readonly string[];
  readonly problems: readonly Problem[];
}

const MAX_TEMPLATE_CHARACTERS = 1024 * 1024;

/**
 * Reads Alertmanager's configuration in a file of its own, and the files of templates. There `$` stays as it is, and relative paths are from
 * the file's folder, as for Alertmanager.
 * @param folder that of `tocsin.yaml`
 */
export async function loadAlertmanager(
  main: SourceDocument,
  folder: string,
  shown: (absolute: string) => string,
): Promise<LoadedAlertmanager> {
  const section = asMapping(asMapping(main.value)['alerting']);
  const named = textAt(section, 'config_file');
  if (named === undefined || named === '') return readTemplates(main, ['alerting', 'templates'], folder, shown);
  const path = resolve(folder, named);
  const watched = { patterns: [path], signatures: [await signFile(path)] };
  const content = await readSourceText(path);
  if (content.status === 'failed') {
    const at = ['alerting', 'config_file'];
    const problem = { file: main.file, line: main.lineOf(at), path: at.join('.') };
    // A file that is not there has no signature until it appears.
    const signatures = watched.signatures.filter((text) => !text.endsWith(':absent'));
    const problems = main.isUnfilled(at) ? [] : [{ ...problem, expected: content.expected, found: content.found }];
    return { routing: undefined, templates: [], patterns: [path], signatures, problems };
  }
  const source = readDocument(shown(path), content.text, undefined);
  const parsed = alertmanagerFile.safeParse(withoutEmptyGlobals(source.value), { error: tellKnownKeys });
  const issues = source.isBroken ? [] : (parsed.error?.issues ?? []);
  const more = await readTemplates(source, ['templates'], dirname(path), shown);
  return {
    routing: parsed.data,
    templates: more.templates,
    patterns: [...watched.patterns, ...more.patterns],
    signatures: [...watched.signatures, ...more.signatures],
    problems: [...findRivals(main, section), ...source.problems, ...problemsOf(issues, source), ...more.problems],
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

/** To Alertmanager an empty text among the globals is one that is not set. */
function withoutEmptyGlobals(value: unknown): unknown {
  const global = asMapping(value)['global'];
  if (global === undefined) return value;
  if (global === null) return { ...asMapping(value), global: {} };
  if (Array.isArray(global) || typeof global !== 'object') return value;
  const given = Object.entries(global).filter(([, setting]) => setting !== '');
  return { ...asMapping(value), global: Object.fromEntries(given) };
}

async function readTemplates(
  source: SourceDocument,
  at: readonly string[],
  folder: string,
  shown: (absolute: string) => string,
): Promise<LoadedAlertmanager> {
  const listed = await findListedFiles(source, at, folder);
  const templates: TemplateFile[] = [];
  const signatures: string[] = [];
  const problems: Problem[] = [...listed.problems];
  for (const file of listed.files) {
    signatures.push(await signFile(file));
    const content = await readSourceText(file);
    if (content.status === 'failed')
      problems.push({ file: shown(file), line: 1, path: '', expected: content.expected, found: content.found });
    else if (content.text.length > MAX_TEMPLATE_CHARACTERS)
      problems.push({ file: shown(file), line: 1, path: '', expected: 'at most 1 MiB of templates', found: 'more' });
    else templates.push({ file: shown(file), text: content.text });
  }
  const patterns = listed.patterns.map((pattern) => resolve(folder, pattern));
  return { routing: undefined, templates, patterns, signatures, problems };
}
