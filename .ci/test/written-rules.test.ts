import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKAGES } from '../lint/place.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

describe('the written rules', () => {
  it('have every section that a lint message names', () => {
    const sections = readdirSync(join(ROOT, '.ci/lint/rules')).flatMap((file) =>
      [...read(`.ci/lint/rules/${file}`).matchAll(/defineRule\('([^']+)'/g)].map(([, section]) => section),
    );
    const headings = [...read('CONTRIBUTING.md').matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(sections.length).toBeGreaterThan(5);
    expect(headings).toEqual(expect.arrayContaining(sections));
  });

  it.each(PACKAGES)('let the README of %s open with what it receives, emits and owns', (name) => {
    const [title, blank, ...lines] = read(`${name}/README.md`).split('\n');
    expect(title).toMatch(/^# /);
    expect(blank).toBe('');
    expect(lines.slice(0, 3).map((line) => line.replace(/^[-*\s]+/, '').split(/\W/, 1)[0])).toEqual([
      'Receives',
      'Emits',
      'Owns',
    ]);
  });
});
