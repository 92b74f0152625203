import { describe, expect, test } from 'vitest';
import { ownImports, packedPath, translateModule } from '../../pack/translate.ts';

const own = ownImports(
  new Map([
    ['service', { name: '@tocsin/service', exports: { './config': './src/config/index.ts' } }],
    ['checker', { name: '@tocsin/checker' }],
  ]),
);
const translate = (source: string): string => translateModule('checker/src/net/a.ts', source, own);

describe('a module in the npm package', () => {
  test('has no types, and its lines stay where they were', () => {
    const translated = translate('interface A {\n  b: string;\n}\nexport const c = (d: A): string => d.b;\n');
    expect(translated.split('\n')[3]?.replaceAll(' ', '')).toBe('exportconstc=(d)=>d.b;');
  });

  test.each([
    [`import { x } from './b.ts';`, `import { x } from './b.js';`],
    [`const m = await import('../up.ts');`, `const m = await import('../up.js');`],
    [`join(ROOT, 'collector/src/main.ts')`, `join(ROOT, 'collector/src/main.js')`],
    [`new URL('prepare-thread.ts', base)`, `new URL('prepare-thread.js', base)`],
    [`import { y } from '@tocsin/service/config';`, `import { y } from '../../../service/src/config/index.js';`],
    [`const pattern = '*.ts files';`, `const pattern = '*.ts files';`],
  ])('%s', (source, translated) => {
    expect(translate(source)).toBe(translated);
  });

  test('an import of ours that nobody exports is an error, with the file', () => {
    expect(() => translate(`import '@tocsin/service/nothing';`)).toThrow(
      'checker/src/net/a.ts: @tocsin/service/nothing is exported by no package of the workspace',
    );
  });

  test('keeps its name but for the ending', () => {
    expect([packedPath('a/b.ts'), packedPath('a/b.sql'), packedPath('a.ts/c.mjs')]).toEqual([
      'a/b.js',
      'a/b.sql',
      'a.ts/c.mjs',
    ]);
  });
});
