import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { listPackedFiles } from '../../pack/pack.ts';
import { isIgnored, readDockerfile } from './dockerfile.ts';

const ROOT = join(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const { args, stages } = readDockerfile(read('deploy/image/Dockerfile'));
const [build, image] = stages as [(typeof stages)[0], (typeof stages)[0]];
const ignore = read('.dockerignore')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));
const all = (stage: typeof build, name: string) => stage.instructions.filter((one) => one.name === name);
const textOf = (name: string): string | undefined => all(image, name).at(-1)?.text;

describe('the context of the image', () => {
  test('a .dockerignore counts by its last word', () => {
    const patterns = ['*', '!a', '**/b', 'a/c*', '!a/cd'];
    const paths = ['x', 'a', 'a/x', 'a/x/b', 'a/x/b/y', 'a/c', 'a/cd', 'a/cd/e'];
    expect(paths.filter((path) => isIgnored(path, patterns))).toEqual(['x', 'a/x/b', 'a/x/b/y', 'a/c']);
  });

  test('has every file that goes into the npm package and everything the Dockerfile copies, and no tests and installed packages', async () => {
    const copied = [...all(build, 'COPY'), ...all(image, 'COPY')]
      .filter(({ flags }) => flags['from'] === undefined)
      .flatMap(({ text }) => text.split(' ').slice(0, -1));
    expect(copied).toContain('deploy/image/tocsin');
    for (const path of copied) expect([path, existsSync(join(ROOT, path))]).toEqual([path, true]);
    const needed = [...(await listPackedFiles()), ...copied.filter((path) => path !== '.'), 'deploy/pack/main.ts'];
    expect(needed.filter((path) => isIgnored(path, ignore))).toEqual([]);
    const unwanted = [
      '.git/HEAD',
      'data/x',
      'node_modules/x',
      'deploy/node_modules/x',
      'deploy/test/image/x',
      'docs/x',
    ];
    expect(unwanted.filter((path) => !isIgnored(path, ignore))).toEqual([]);
  });

  test('brings every manifest before it installs, so that an install is made again only when one changes', () => {
    const { packages } = parse(read('pnpm-workspace.yaml')) as { packages: string[] };
    const folders = packages.flatMap((one) => (one.endsWith('/*') ? [one.replace('*', 'shop')] : [one]));
    const before = build.instructions.slice(
      0,
      build.instructions.findIndex(({ text }) => text.includes('install')),
    );
    const copied = before.filter(({ name }) => name === 'COPY').flatMap(({ text }) => text.split(' ').slice(0, -1));
    expect(copied.filter((path) => path.endsWith('/package.json')).toSorted()).toEqual(
      folders.map((folder) => `${folder}/package.json`).toSorted(),
    );
  });
});

describe('the image', () => {
  test('is built of two bases that a release names by digest, with the pnpm of every other installation', () => {
    expect(args.map((arg) => arg.split('=')[0])).toEqual(['NODE_IMAGE', 'BASE_IMAGE']);
    expect(stages.map(({ base }) => base)).toEqual(['${NODE_IMAGE}', '${BASE_IMAGE}']);
    expect(args.filter((arg) => !/=\S+:\S*slim$/.test(arg))).toEqual([]);
    const [, pnpm] = /const PNPM = '(.+)'/.exec(read('deploy/bin/install.mjs')) ?? [];
    expect(all(build, 'ARG').map(({ text }) => text)).toContain(`PNPM=${pnpm}`);
    const installs = all(build, 'RUN').filter(({ text }) => text.includes('install'));
    expect(installs.length).toBe(2);
    for (const { text } of installs) expect(text).toContain('--frozen-lockfile --prod');
  });

  test('runs as nobody of importance, with its data in a volume and process 1 passing signals on', () => {
    expect(textOf('USER')).toMatch(/^[1-9]\d{3,}:[1-9]\d{3,}$/);
    expect(textOf('VOLUME')).toBe('/data');
    expect(JSON.parse(textOf('ENTRYPOINT')!)).toEqual(['tini', '--', 'tocsin']);
    expect(textOf('STOPSIGNAL')).toBe('SIGTERM');
    const [command] = JSON.parse(textOf('CMD')!) as string[];
    expect(read('deploy/bin/commands.mjs')).toContain(`'${command}',`);
  });

  test('has a health check that is a command of Tocsin, and ends before it is given up', () => {
    const { flags, text } = all(image, 'HEALTHCHECK')[0]!;
    expect(JSON.parse(text.replace(/^CMD /, ''))).toEqual(['tocsin', 'healthcheck']);
    const [, limit] = /LIMIT_MS = ([\d_]+)/.exec(read('deploy/src/cli/healthcheck.ts'))!;
    expect(Number(limit!.replaceAll('_', ''))).toBeLessThan(Number.parseInt(flags['timeout']!, 10) * 1_000);
  });

  test('fetches nothing but packages: no ADD, no curl, and the lists of apt are gone', () => {
    expect(stages.flatMap(({ instructions }) => instructions).filter(({ name }) => name === 'ADD')).toEqual([]);
    const runs = stages.flatMap((stage) => all(stage, 'RUN').map(({ text }) => text));
    expect(runs.filter((text) => /curl|wget|sudo|git /.test(text))).toEqual([]);
    for (const text of runs.filter((one) => one.includes('apt-get install')))
      expect(text).toMatch(/--no-install-recommends .* && rm -rf \/var\/lib\/apt\/lists/);
  });
});
