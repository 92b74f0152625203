import { readMatchers } from '../src/config/schema/matchers.ts';

/** The matchers in a text, one line each, or what was expected. */
export function formatRead(text: string): string | string[] {
  const read = readMatchers(text);
  return read.status === 'failed'
    ? read.expected
    : read.matchers.map(({ name, op, value }) => `${name} ${op} ${value}`);
}
