import { parseDocument } from 'yaml';
import { Fields } from './fields.ts';
import { ImportError } from './imported.ts';

/**
 * Reads a YAML file of another tool.
 * @param expected what it should be, for the message
 * @throws ImportError where it is not YAML, or not a mapping
 */
export function readYaml(text: string, file: string, expected: string): Fields {
  if (text.includes('\0')) throw new ImportError(`${file}: expected ${expected}; found a binary file`);
  const document = parseDocument(text, { merge: true, logLevel: 'silent' });
  const [error] = document.errors;
  if (error) {
    const line = error.linePos?.[0].line ?? 1;
    throw new ImportError(`${file}:${line}: expected ${expected}; found YAML that cannot be read (${error.code})`);
  }
  const value: unknown = document.toJS({ maxAliasCount: 10_000 });
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return new Fields(value);
  const found = value === null ? 'nothing' : Array.isArray(value) ? 'a list' : 'text';
  throw new ImportError(`${file}: expected ${expected}; found ${found}`);
}
