import { createHash } from 'node:crypto';
import { type Lockfile, needsOf, packageKey } from './lockfile.ts';

/** What the bill is of. */
export interface SbomSubject {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly description?: string | undefined;
}

/** Kept in packages of npm, but known to the world, and to lists of vulnerabilities, by another name. Source: NVD's CPE dictionary. */
const CPE: Readonly<Record<string, (version: string) => string>> = {
  node: (version) => `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`,
  '@chdb/lib-linux-x64-gnu': (version) => `cpe:2.3:a:clickhouse:clickhouse:${version.split('-')[0]}:*:*:*:*:*:*:*`,
};

/**
 * The software bill of materials of the npm package and of the image, made of the lockfile: CycloneDX 1.6 as JSON. The same lockfile and time give the same bytes.
 * Source: CycloneDX specification 1.6, ECMA-424; purl specification, type npm.
 * @param timeMs when it was made: `SOURCE_DATE_EPOCH`, or now
 */
export function makeSbom(subject: SbomSubject, lockfile: Lockfile, timeMs: number): string {
  const root = purl(subject.name, subject.version);
  const snapshots = Object.entries(lockfile.snapshots);
  const direct = Object.entries(lockfile.importers['.']?.dependencies ?? {}).map(
    ([name, { version }]) => `${name}@${version}`,
  );
  const optional = onlyOptional(lockfile, direct);
  const components = Object.entries(lockfile.packages).map(([key, { resolution }]) =>
    componentOf(key, resolution.integrity, optional.has(key)),
  );
  // Several snapshots of a package differ only in their peers: its needs are those of all of them.
  const needs = new Map<string, Set<string>>();
  for (const [key, snapshot] of snapshots) {
    const ref = refOf(packageKey(key));
    const known = needs.get(ref) ?? new Set();
    for (const need of needsOf(snapshot)) known.add(refOf(packageKey(need)));
    needs.set(ref, known);
  }
  const dependencies = [
    { ref: root, dependsOn: direct.map((key) => refOf(packageKey(key))).toSorted() },
    ...[...needs].map(([ref, on]) => ({ ref, dependsOn: [...on].toSorted() })),
  ];
  const bill = {
    metadata: {
      timestamp: new Date(timeMs).toISOString(),
      tools: { components: [{ type: 'application', name: 'deploy/pack/sbom.ts', version: subject.version }] },
      component: {
        type: 'application',
        'bom-ref': root,
        name: subject.name,
        version: subject.version,
        description: subject.description,
        licenses: [{ license: { id: subject.license } }],
        purl: root,
      },
    },
    components,
    dependencies,
  };
  const head = { bomFormat: 'CycloneDX', specVersion: '1.6', serialNumber: serialOf(JSON.stringify(bill)), version: 1 };
  return `${JSON.stringify({ ...head, ...bill }, null, 2)}\n`;
}

function componentOf(key: string, integrity: string | undefined, isOptional: boolean): object {
  const [name, version] = splitKey(key);
  const [scope, base] = name.startsWith('@') ? name.split('/', 2) : [undefined, name];
  const [algorithm, digest = ''] = integrity?.split('-', 2) ?? [];
  return {
    type: 'library',
    'bom-ref': purl(name, version),
    ...(scope === undefined ? {} : { group: scope }),
    name: base,
    version,
    scope: isOptional ? 'optional' : 'required',
    ...(algorithm === 'sha512' ? { hashes: [{ alg: 'SHA-512', content: toHex(digest) }] } : {}),
    purl: purl(name, version),
    ...(CPE[name] ? { cpe: CPE[name](version) } : {}),
  };
}

/** What is reached only through optional dependencies: libraries for one platform. */
function onlyOptional({ snapshots, packages }: Lockfile, direct: readonly string[]): ReadonlySet<string> {
  const required = new Set<string>();
  const waiting = [...direct];
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
    if (required.has(key)) continue;
    required.add(key);
    const { dependencies = {} } = snapshots[key] ?? {};
    waiting.push(...needsOf({ dependencies }));
  }
  const found = new Set([...required].map(packageKey));
  return new Set(Object.keys(packages).filter((key) => !found.has(key)));
}

function refOf(key: string): string {
  return purl(...splitKey(key));
}

function splitKey(key: string): [name: string, version: string] {
  const at = key.lastIndexOf('@');
  return [key.slice(0, at), key.slice(at + 1)];
}

/** Source: purl specification, npm: the `@` of a scope is written `%40`. */
function purl(name: string, version: string): string {
  return `pkg:npm/${name.replace(/^@/, '%40')}@${version}`;
}

function toHex(base64: string): string {
  return Buffer.from(base64, 'base64').toString('hex');
}

/** A UUID of the content, version 8. Source: RFC 9562, section 5.8. */
function serialOf(content: string): string {
  const hex = createHash('sha256').update(content).digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(18, 20)}-${hex.slice(20, 32)}`;
}
