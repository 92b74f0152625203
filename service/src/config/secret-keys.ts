import { formatPath, type SourceDocument } from './document.ts';
import type { Problem } from './problem.ts';
import { isGiven, isMapping, type Mapping } from './schema/cross-checks.ts';
import type { References } from './secret-file.ts';

/** Settings that may stand in a file of their own: `password_file` gives `password`. Source: Alertmanager documentation, "Configuration". */
const IN_A_FILE =
  /^(?:(?:smtp_)?auth_password|(?:slack_)?signing_secret|slack_(?:api_url|app_token)|opsgenie_api_key|telegram_bot_token|(?:api|webhook)_url|url|(?:app|bot|auth|bearer)_token|token|chat_id|(?:routing|user|api)_key|username|password|credentials|ca|cert|key)_file$/;

/** Where such settings are. */
const SECTIONS = ['global', 'receivers'];

/** A configuration's value in which the files are read, and what is wrong with them. */
export interface FilledSecrets {
  readonly value: unknown;
  readonly problems: readonly Problem[];
}

/**
 * Reads every `*_file` of the sections `global` and `receivers` into the setting it stands for.
 *
 * @param home where these sections are: in `alerting`, or at the top of a file of Alertmanager's
 */
export function fillSecretFiles(
  source: SourceDocument,
  references: References,
  home: readonly string[] = ['alerting'],
): FilledSecrets {
  const problems: Problem[] = [];
  const refuse = (path: readonly (string | number)[], expected: string, found: string): void => {
    problems.push({ file: source.file, line: source.lineOf(path), path: formatPath(path), expected, found });
  };
  const fill = (value: unknown, path: readonly (string | number)[]): unknown => {
    if (Array.isArray(value)) return value.map((entry: unknown, index) => fill(entry, [...path, index]));
    if (!isMapping(value)) return value;
    const entries = Object.entries(value).map(([key, inner]): [string, unknown] => {
      if (!IN_A_FILE.test(key) || typeof inner !== 'string' || inner === '') return [key, fill(inner, [...path, key])];
      return [key.replace(/_file$/, ''), readInto(value, key, inner, [...path, key])];
    });
    return Object.fromEntries(entries);
  };
  const readInto = (mapping: Mapping, key: string, file: string, path: readonly (string | number)[]): unknown => {
    const target = key.replace(/_file$/, '');
    if (isGiven(mapping, target)) refuse(path, `either ${target} or ${key}, not both`, 'both');
    const content = references.readFile(file);
    // What the file holds is nobody's business here.
    if ('found' in content) refuse(path, 'a file that can be read', content.found);
    else if (content.text.trim() === '') refuse(path, `a file with the ${target}`, 'an empty one');
    else return content.text.trim();
    return mapping[target];
  };
  const fillSections = (value: unknown, rest: readonly string[]): unknown => {
    if (!isMapping(value)) return value;
    const [next, ...inner] = rest;
    const isFilled = (key: string): boolean => (next === undefined ? SECTIONS.includes(key) : key === next);
    const entries = Object.entries(value).map(([key, part]): [string, unknown] => {
      if (!isFilled(key)) return [key, part];
      return [key, next === undefined ? fill(part, [...home, key]) : fillSections(part, inner)];
    });
    return Object.fromEntries(entries);
  };
  return { value: fillSections(source.value, home), problems };
}
