import { type Place, placeOfImport } from '../place.ts';
import { defineRule } from '../rule.ts';

/** Says why `importer` may not import `specifier`, or `undefined` when it may. */
export function boundaryReason(importer: Place, specifier: string): string | undefined {
  const target = placeOfImport(specifier, importer);
  if (target === undefined) return undefined;
  if (target.owner === importer.owner) {
    // What measures is no source: it may use what tests use.
    const isSource = !importer.isTest && !importer.path.includes('/bench/');
    return target.isTest && isSource && importer.owner !== 'root'
      ? 'Source does not import what belongs to tests.'
      : undefined;
  }
  if (importer.owner === 'root') return 'Files outside the packages import none of them.';
  if (importer.isTest && specifier === '@tocsin/deploy/testing') return undefined;
  if (importer.isTest && target.path.startsWith('collector/src/schema/')) return undefined;
  if (importer.owner === 'example') return 'An example is an application of its own: it imports nothing of Tocsin.';
  if (importer.owner === 'service') return 'service imports none of the other packages.';
  if (target.owner === 'service') {
    return specifier.startsWith('@') ? undefined : 'Import service by its name, @tocsin/service/…, not by path.';
  }
  return `Packages meet on the wire: ${importer.owner} does not import ${target.owner}; only service is imported.`;
}

/** Packages meet on the wire, not by import. */
export const boundaries = defineRule('Packages meet on the wire', (place, refuse) => {
  const check = (node: Parameters<typeof refuse>[0], specifier: unknown): void => {
    const reason = typeof specifier === 'string' ? boundaryReason(place, specifier) : undefined;
    if (reason !== undefined) refuse(node, reason);
  };
  return {
    ImportDeclaration: (node) => check(node, node.source.value),
    ExportNamedDeclaration: (node) => check(node, node.source?.value),
    ExportAllDeclaration: (node) => check(node, node.source.value),
    ImportExpression: (node) => check(node, node.source.type === 'Literal' ? node.source.value : undefined),
    TSImportType: (node) => check(node, node.source.value),
  };
});
