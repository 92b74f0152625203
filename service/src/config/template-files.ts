import { resolve } from 'node:path';
import { parseTemplate, TemplateError } from '../template/index.ts';
import type { SourceDocument } from './document.ts';
import { findListedFiles } from './listed-files.ts';
import type { Problem } from './problem.ts';
import { readSourceText, signFile } from './source-files.ts';

/** A file of templates as it was read: what it defines may be used in the texts of channels. */
export interface TemplateFile {
  readonly file: string;
  readonly text: string;
}

/** What stands in the files of `templates`. */
export interface LoadedTemplates {
  readonly templates: readonly TemplateFile[];
  /** Absolute. */
  readonly patterns: readonly string[];
  readonly signatures: readonly string[];
  readonly problems: readonly Problem[];
}

const MAX_CHARACTERS = 1024 * 1024;

/**
 * Reads the files of templates that a configuration lists. Source: Alertmanager documentation, "Configuration", `templates`.
 * @param at where the list is
 * @param folder the patterns are relative to it
 */
export async function loadTemplateFiles(
  source: SourceDocument,
  at: readonly string[],
  folder: string,
  shown: (absolute: string) => string,
): Promise<LoadedTemplates> {
  const listed = await findListedFiles(source, [...at], folder);
  const templates: TemplateFile[] = [];
  const signatures: string[] = [];
  const problems: Problem[] = [...listed.problems];
  for (const path of listed.files) {
    const file = shown(path);
    signatures.push(await signFile(path));
    const content = await readSourceText(path);
    const wrong = content.status === 'failed' ? content : findMistake(content.text);
    if (wrong) problems.push({ file, line: 1, path: '', expected: wrong.expected, found: wrong.found });
    else if (content.status === 'ok') templates.push({ file, text: content.text });
  }
  return { templates, patterns: listed.patterns.map((pattern) => resolve(folder, pattern)), signatures, problems };
}

function findMistake(text: string): { readonly expected: string; readonly found: string } | undefined {
  if (text.length > MAX_CHARACTERS) return { expected: 'at most 1 MiB of templates', found: 'more' };
  try {
    parseTemplate(text);
    return undefined;
  } catch (error) {
    if (error instanceof TemplateError) return { expected: 'a file of templates', found: error.message };
    throw error;
  }
}
