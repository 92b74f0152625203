import type { SourceDocument } from './document.ts';
import { formatDuration, parseDuration } from './duration.ts';
import type { Problem } from './problem.ts';
import { asMapping, mappingsIn, textAt } from './schema/cross-checks.ts';

/** What SLOs are checked against, of the whole configuration. */
export interface SloSurroundings {
  /** `tocsin.yaml` and the rule files. */
  readonly sources: readonly SourceDocument[];
  readonly monitors: ReadonlySet<string>;
  /** How long rollups are kept; 0 is for ever, `undefined` unknown. */
  readonly rollupsMs: number | undefined;
}

/** What has to hold between SLOs and the rest: names are their own, monitors are there, and their window is kept. Runs over what is written. */
export function checkSlos({ sources, monitors, rollupsMs }: SloSurroundings): Problem[] {
  const names = new Map<string, string>();
  return sources.flatMap((source) =>
    mappingsIn(asMapping(source.value)['slos']).flatMap(([index, entry]) => {
      const problems: Problem[] = [];
      const say = (key: string, expected: string): void => {
        const path = ['slos', index, key];
        problems.push({
          file: source.file,
          line: source.lineOf(path),
          path: source.formatPath(path),
          expected,
          found: source.foundAt(path),
        });
      };
      const name = textAt(entry, 'name');
      const first = name === undefined ? undefined : names.get(name);
      if (first !== undefined) say('name', `a name of its own (another SLO in ${first} has this one)`);
      else if (name !== undefined) names.set(name, source.file);
      const given: unknown = entry['monitors'];
      for (const monitor of Array.isArray(given) ? given : [given])
        if (typeof monitor === 'string' && !monitor.includes('*') && !monitors.has(monitor))
          say('monitors', `the name of a monitor, or names with * (${JSON.stringify(monitor)} is none)`);
      const windowMs = parseDuration(textAt(entry, 'window') ?? '30d');
      if (windowMs !== undefined && rollupsMs !== undefined && rollupsMs > 0 && windowMs > rollupsMs)
        say('window', `at most collector.retention.rollups, ${formatDuration(rollupsMs)}`);
      return problems;
    }),
  );
}
