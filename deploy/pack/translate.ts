import { stripTypeScriptTypes } from 'node:module';
import { posix } from 'node:path';

/** The workspace's own packages: `@tocsin/service/config` → `service/src/config/index.ts`. */
export type OwnImports = ReadonlyMap<string, string>;

/** A specifier or a path in quotes that ends in `.ts`. */
const TS_PATH = /(['"`])((?:\.{1,2}\/|[\w@-]+\/)*[\w.-]+)\.ts\1/g;
const OWN_PACKAGE = /(['"])(@tocsin\/[\w/.-]+)\1/g;

/**
 * Makes JavaScript of a module of ours: Node takes no types below `node_modules`. Lines and columns stay where they are. Paths to other modules become
 * `.js`, and imports of our own packages become relative.
 * @param file from the root, with slashes
 * @throws Error for an import of ours that is not exported
 */
export function translateModule(file: string, source: string, own: OwnImports): string {
  const stripped = file.endsWith('.ts') ? stripTypeScriptTypes(source, { mode: 'strip' }) : source;
  return stripped
    .replace(OWN_PACKAGE, (_, quote: string, name: string) => {
      const target = own.get(name);
      if (target === undefined) throw new Error(`${file}: ${name} is exported by no package of the workspace`);
      const path = posix.relative(posix.dirname(file), target);
      return `${quote}${path.startsWith('.') ? path : `./${path}`}${quote}`;
    })
    .replace(TS_PATH, '$1$2.js$1');
}

/** Where a file of ours lies in the package. */
export function packedPath(file: string): string {
  return file.endsWith('.ts') ? file.replace(/\.ts$/, '.js') : file;
}

/** The `exports` of the workspace's packages. @param manifests by folder */
export function ownImports(
  manifests: ReadonlyMap<
    string,
    { readonly name: string; readonly exports?: Readonly<Record<string, string>> | undefined }
  >,
): OwnImports {
  const found = new Map<string, string>();
  for (const [folder, { name, exports = {} }] of manifests)
    for (const [key, path] of Object.entries(exports)) found.set(posix.join(name, key), posix.join(folder, path));
  return found;
}
