import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

/* The application as it was built before this suite. */
const WEB = join(import.meta.dirname, '../web');
const DIST = join(WEB, 'dist');
/** Of issue 6: to first paint, everything together. */
const FIRST_PAINT_BYTES = 150 * 1_024;

interface Chunk {
  readonly file: string;
  readonly css?: readonly string[];
  readonly imports?: readonly string[];
  readonly dynamicImports?: readonly string[];
  readonly isEntry?: boolean;
}

const manifest = JSON.parse(await readFile(join(DIST, 'manifest.json'), 'utf8')) as Record<string, Chunk>;

/** A chunk with everything that it imports at once, and their style sheets. */
function filesOf(name: string, seen = new Set<string>()): Set<string> {
  const chunk = manifest[name];
  if (!chunk || seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const css of chunk.css ?? []) seen.add(css);
  for (const other of chunk.imports ?? []) filesOf(other, seen);
  return seen;
}

async function packedBytes(files: Iterable<string>): Promise<number> {
  const sizes = await Promise.all([...files].map(async (file) => gzipSync(await readFile(join(DIST, file))).length));
  return sizes.reduce((sum, size) => sum + size, 0);
}

test('what a browser loads until a page is painted is no more than 150 kB, packed, whichever page it is', async () => {
  const [entry, { dynamicImports = [] }] = Object.entries(manifest).find(([, { isEntry }]) => isEntry) ?? [
    '',
    { file: '' },
  ];
  expect(dynamicImports.length).toBeGreaterThan(2);
  for (const page of dynamicImports) {
    const files = filesOf(page, filesOf(entry));
    expect(await packedBytes([...files, 'index.html', 'theme.js', 'favicon.svg']), page).toBeLessThan(
      FIRST_PAINT_BYTES,
    );
  }
});

test('charts come with the first chart, not with the application', () => {
  const [entry = ''] = Object.entries(manifest).find(([, { isEntry }]) => isEntry) ?? [];
  expect([...filesOf(entry)].filter((file) => /plot/i.test(file))).toEqual([]);
});

test('no page has an inline script or style, which the policy would not let run', async () => {
  const index = await readFile(join(DIST, 'index.html'), 'utf8');
  expect(index).toContain('<script type="module"');
  expect(index).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\son\w+=|\sstyle=/);
});

/** Ways by which text becomes markup or code. The policy's Trusted Types stop them in the browser; here they are found before. */
const SINKS =
  /dangerouslySetInnerHTML|\.(?:inner|outer)HTML\b|insertAdjacentHTML|document\.write|\bsrcdoc\b|createContextualFragment|\bDOMParser\b/;

test('nothing in the sources makes markup of text', async () => {
  const found: string[] = [];
  let count = 0;
  for await (const file of glob('src/**/*.{ts,tsx}', { cwd: WEB })) {
    count++;
    if (SINKS.test(await readFile(join(WEB, file), 'utf8'))) found.push(file);
  }
  expect(count).toBeGreaterThan(30);
  expect(found).toEqual([]);
});
