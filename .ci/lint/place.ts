import { posix, relative, sep } from 'node:path';

/** The workspace's packages, by the name of their folder. */
export const PACKAGES = ['service', 'collector', 'checker', 'alerting', 'dashboards', 'deploy'] as const;
export type PackageName = (typeof PACKAGES)[number];

/** Where in the repository a file stands, as far as the rules care. */
export interface Place {
  /** From the repository's root, with `/`. */
  readonly path: string;
  /** The package it belongs to; `example` for the applications in `deploy/examples`, `root` for everything else. */
  readonly owner: PackageName | 'example' | 'root';
  readonly baseName: string;
  /** Anything below a `test` folder, and the code that only tests use. */
  readonly isTest: boolean;
  /** An entry point: it may read the environment, take signals and have effects when it is loaded. */
  readonly isMain: boolean;
}

/** @param fileName absolute; @param root the repository's root, absolute */
export function placeOf(fileName: string, root: string): Place {
  return placeOfPath(relative(root, fileName).split(sep).join('/'));
}

/** The same for a path from the repository's root. */
export function placeOfPath(path: string): Place {
  const baseName = posix.basename(path);
  const isTest = /(^|\/)test\//.test(path) || path.startsWith('deploy/src/testing/');
  return {
    path,
    owner: ownerOf(path),
    baseName,
    isTest,
    isMain: baseName === 'main.ts' || /^deploy\/bin\/|^deploy\/examples\/|^\.ci\/|\/bench\/|\.config\.ts$/.test(path),
  };
}

function ownerOf(path: string): Place['owner'] {
  if (path.startsWith('deploy/examples/')) return 'example';
  const first = path.split('/', 1)[0];
  return PACKAGES.find((name) => name === first) ?? 'root';
}

/** Where an import leads: a place in this repository, or `undefined` for a package from elsewhere. */
export function placeOfImport(specifier: string, importer: Place): Place | undefined {
  if (specifier.startsWith('.'))
    return placeOfPath(posix.normalize(posix.join(posix.dirname(importer.path), specifier)));
  const match = /^@tocsin\/([a-z-]+)/.exec(specifier);
  return match ? placeOfPath(`${match[1]}/(package)`) : undefined;
}
