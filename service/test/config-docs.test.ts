import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../src/config/schema/root.ts';
import { ruleFile } from '../src/config/schema/rules.ts';
import { LIVE } from '../src/config/reload-table.ts';
import { settingsOf } from './settings-of.ts';

describe('docs/configuration.md, and the pages of docs/alerting', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/configuration.md'), 'utf8');
  const docs = join(import.meta.dirname, '../../docs');
  const pages = [
    page,
    ...globSync('alerting/*.md', { cwd: docs }).map((file) => readFileSync(join(docs, file), 'utf8')),
  ];
  /** The first column of every table of settings. */
  const documented = pages
    .flatMap((text) => [...text.matchAll(/^\| setting[^\n]*\n\|[ -|]*\n((?:\|[^\n]*\n?)*)/gm)])
    .flatMap(([, rows = '']) => [...rows.matchAll(/^\| `([^`\s]+)`/gm)].map(([, path]) => path));

  it('has a line for every setting of tocsin.yaml and of rule files, and for no other', () => {
    // `slos` may stand in both.
    const settings = [...new Set([...settingsOf(root), ...settingsOf(ruleFile)])];
    expect(settings.length).toBeGreaterThan(50);
    expect(documented.toSorted()).toEqual(settings.toSorted());
  });

  it('names what a reload applies', () => {
    const [, sentence = ''] = /A reload applies ([^]*?)\. /.exec(page) ?? [];
    expect([...sentence.matchAll(/`([^`]+)`/g)].map(([, name]) => name)).toEqual(LIVE);
  });
});
