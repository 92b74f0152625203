import type { SourceDocument } from './document.ts';
import type { Problem } from './problem.ts';
import { asMapping, mappingsIn, textAt } from './schema/cross-checks.ts';

/** One monitor as it is written, well or badly. */
interface Written {
  readonly source: SourceDocument;
  readonly index: number;
  readonly name: string;
  readonly dependsOn: readonly string[];
}

/**
 * What has to hold between monitors, of whichever file: names are their own, `depends_on` and `maintenance[].monitors` name monitors that
 * are there, and no monitor depends on itself by any way round. Runs over what is written, so it speaks up beside other mistakes.
 */
export function checkMonitorGraph(main: SourceDocument, sources: readonly SourceDocument[]): Problem[] {
  const written = sources.flatMap(monitorsOf);
  const byName = new Map<string, Written>();
  const problems: Problem[] = [];
  for (const monitor of written) {
    const first = byName.get(monitor.name);
    if (!first) byName.set(monitor.name, monitor);
    else if (first.source !== monitor.source) problems.push(repeatedName(monitor, first));
  }
  for (const monitor of written) problems.push(...findStrangers(monitor, byName));
  problems.push(...findCircles(byName), ...findStrangersInMaintenance(main, byName));
  return problems;
}

/** The names of all monitors, of whichever file. */
export function monitorNames(sources: readonly SourceDocument[]): ReadonlySet<string> {
  return new Set(sources.flatMap(monitorsOf).map(({ name }) => name));
}

function monitorsOf(source: SourceDocument): Written[] {
  return mappingsIn(asMapping(source.value)['monitors']).flatMap(([index, entry]) => {
    const name = textAt(entry, 'name');
    if (name === undefined) return [];
    return [{ source, index, name, dependsOn: textsIn(entry['depends_on']) }];
  });
}

function textsIn(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((entry) => typeof entry === 'string');
}

function problemAt(
  source: SourceDocument,
  path: readonly (string | number)[],
  expected: string,
  found: string,
): Problem {
  return { file: source.file, line: source.lineOf(path), path: source.formatPath(path), expected, found };
}

function repeatedName({ source, index, name }: Written, first: Written): Problem {
  const expected = `a name of its own (monitors[${first.index}] of ${first.source.file} has this one)`;
  return problemAt(source, ['monitors', index, 'name'], expected, JSON.stringify(name));
}

function findStrangers({ source, index, dependsOn }: Written, byName: ReadonlyMap<string, Written>): Problem[] {
  return dependsOn
    .filter((name) => !byName.has(name))
    .map((name) =>
      problemAt(source, ['monitors', index, 'depends_on'], 'the name of another monitor', JSON.stringify(name)),
    );
}

function findStrangersInMaintenance(main: SourceDocument, byName: ReadonlyMap<string, Written>): Problem[] {
  return mappingsIn(asMapping(main.value)['maintenance']).flatMap(([index, entry]) =>
    textsIn(entry['monitors'])
      .filter((name) => !byName.has(name))
      .map((name) =>
        problemAt(main, ['maintenance', index, 'monitors'], 'the name of a monitor', JSON.stringify(name)),
      ),
  );
}

/** Every circle once, at the monitor of it that is written first. */
function findCircles(byName: ReadonlyMap<string, Written>): Problem[] {
  const problems: Problem[] = [];
  const done = new Set<string>();
  const walk = (name: string, way: readonly string[]): void => {
    const at = way.indexOf(name);
    if (at >= 0) {
      const circle = way.slice(at);
      const first = byName.get(circle[0] ?? name);
      if (first) {
        const expected = 'monitors that do not depend on each other in a circle';
        problems.push(
          problemAt(first.source, ['monitors', first.index, 'depends_on'], expected, [...circle, name].join(' → ')),
        );
      }
      return;
    }
    if (done.has(name)) return;
    for (const next of byName.get(name)?.dependsOn ?? []) walk(next, [...way, name]);
    done.add(name);
  };
  for (const name of byName.keys()) walk(name, []);
  return problems;
}
