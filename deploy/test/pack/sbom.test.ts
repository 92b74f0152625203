import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { type Lockfile, packedLockfile, readLockfile } from '../../pack/lockfile.ts';
import { makeSbom } from '../../pack/sbom.ts';

const ROOT = join(import.meta.dirname, '../../..');
const FOLDERS = ['.', 'service', 'collector', 'checker', 'alerting', 'dashboards', 'deploy', 'deploy/examples/shop'];
const workspace = readLockfile(readFileSync(join(ROOT, 'pnpm-lock.yaml'), 'utf8'));
const packed = packedLockfile(workspace, FOLDERS);
const SUBJECT = { name: 'tocsin', version: '0.1.0', license: 'Apache-2.0', description: 'An alarm bell.' };

interface Bill {
  readonly serialNumber: string;
  readonly metadata: { readonly timestamp: string };
  readonly components: readonly { readonly purl: string; readonly scope: string; readonly cpe?: string }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}
const bill = (lockfile: Lockfile, timeMs = 0) => JSON.parse(makeSbom(SUBJECT, lockfile, timeMs)) as Bill;

describe('the lockfile of the npm package', () => {
  test('has the versions of the workspace, and nothing that only development needs', () => {
    const names = Object.keys(packed.packages);
    expect(names.some((name) => name.startsWith('chdb@'))).toBe(true);
    expect(names.filter((name) => /^(?:vitest|typescript|prettier|ajv-i18n|kubernetes-models)@/.test(name))).toEqual(
      [],
    );
    for (const [name, entry] of Object.entries(packed.packages)) expect(workspace.packages[name]).toEqual(entry);
    expect(Object.keys(packed.importers['.']!.dependencies!)).toContain('node');
  });

  test('refuses a format that it was not written for, and one with a hole', () => {
    expect(() => readLockfile("lockfileVersion: '10.0'\n")).toThrow('expected lockfileVersion 9.0, found 10.0');
    const { 'chdb@3.4.0(@clickhouse/client@1.23.1)(zod@4.6.7)': _gone, ...snapshots } = workspace.snapshots;
    expect(() => packedLockfile({ ...workspace, snapshots }, FOLDERS)).toThrow('expected a snapshot chdb@3.4.0');
  });
});

describe('the bill of materials', () => {
  test('is a CycloneDX 1.6 document by its schema', () => {
    const validate = compileCycloneDx();
    expect([validate(bill(packed)), validate.errors]).toEqual([true, null]);
    expect(validate({ ...bill(packed), components: [{ type: 'library' }] })).toBe(false);
  });

  test('lists every package of the lockfile once with its hash, and joins each to what it needs', () => {
    const { components, dependencies } = bill(packed);
    expect(components.length).toBe(Object.keys(packed.packages).length);
    expect(components.filter((one) => !('hashes' in one))).toEqual([]);
    const refs = components.map(({ purl }) => purl);
    expect(new Set(refs).size).toBe(refs.length);
    const known = new Set([...refs, 'pkg:npm/tocsin@0.1.0']);
    for (const { ref, dependsOn } of dependencies)
      expect([ref, ...dependsOn].filter((one) => !known.has(one))).toEqual([]);
    expect(dependencies.map(({ ref }) => ref).toSorted()).toEqual([...known].toSorted());
  });

  test('says what is for one platform only, and names Node and ClickHouse as lists of vulnerabilities do', () => {
    const { components } = bill(packed);
    const find = (start: string) => components.find(({ purl }) => purl.startsWith(start));
    expect(find('pkg:npm/%40chdb/lib-linux-x64-gnu@')).toMatchObject({
      scope: 'optional',
      cpe: expect.stringMatching(/^cpe:2\.3:a:clickhouse:clickhouse:\d+\.\d+\.\d+:/),
    });
    expect(find('pkg:npm/node@')).toMatchObject({ scope: 'required', cpe: expect.stringContaining('nodejs:node.js') });
  });

  test('is the same for the same lockfile and time, and another for another', () => {
    expect(makeSbom(SUBJECT, packed, 0)).toBe(makeSbom(SUBJECT, packed, 0));
    expect(bill(packed, 0).metadata.timestamp).toBe('1970-01-01T00:00:00.000Z');
    expect(bill(packed, 0).serialNumber).not.toBe(bill(packed, 1).serialNumber);
  });
});

/** The schema as CycloneDX's own library ships it; what it refers to are files beside it. */
function compileCycloneDx() {
  const require = createRequire(import.meta.url);
  const folder = join(require.resolve('@cyclonedx/cyclonedx-library/package.json'), '../res/schema');
  const read = (name: string) =>
    JSON.parse(readFileSync(join(folder, `${name}.SNAPSHOT.schema.json`), 'utf8')) as object;
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema(read('spdx'), 'http://cyclonedx.org/schema/spdx.SNAPSHOT.schema.json');
  ajv.addSchema(read('jsf-0.82'), 'http://cyclonedx.org/schema/jsf-0.82.SNAPSHOT.schema.json');
  return ajv.compile(read('bom-1.6'));
}
