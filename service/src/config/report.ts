import type { z } from 'zod';
import { formatPath, type SourceDocument } from './document.ts';
import { nearestKnownKey } from './known-keys.ts';
import type { Problem } from './problem.ts';
import { asMapping, mappingsIn, textAt } from './schema/cross-checks.ts';
import { cureOf } from './unsupported-keys-table.ts';

/** Turns zod's issues into problems with file, line, path, what was expected and what was found. */
export function problemsOf(issues: readonly z.core.$ZodIssue[], source: SourceDocument): Problem[] {
  return issues
    .flatMap(chooseBranch)
    .filter((issue) => !source.isUnfilled(issue.path))
    .flatMap((issue) => problemsOfIssue(issue, source))
    .sort((a, b) => a.line - b.line);
}

/**
 * Where a value may have one of several shapes and has exactly one of them, with mistakes inside: those mistakes. Zod tells of every
 * shape, the wrong ones too.
 */
function chooseBranch(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const inside = issue.errors.filter((errors) =>
    errors.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'),
  );
  if (inside.length !== 1) return [issue];
  return inside.flat().flatMap((inner) => chooseBranch({ ...inner, path: [...issue.path, ...inner.path] }));
}

function problemsOfIssue(issue: z.core.$ZodIssue, source: SourceDocument): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const cure = cureOf(issue.path, key);
      const meant = cure === undefined ? nearestKnownKey(key, issue.message) : undefined;
      return {
        file: source.file,
        line: source.lineOf(issue.path, key),
        path: formatPath([...issue.path, key]),
        expected: cure ?? 'a known key',
        found: `unknown key ${JSON.stringify(key)}${meant === undefined ? '' : ` (did you mean ${JSON.stringify(meant)}?)`}`,
      };
    });
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const expected = [...new Set(issue.errors.map((errors) => (errors[0] ? expectedBy(errors[0]) : 'another value')))];
    return [problem(issue, source, expected.join(', or '))];
  }
  return [problem(issue, source, expectedBy(issue))];
}

function problem(issue: z.core.$ZodIssue, source: SourceDocument, expected: string): Problem {
  return {
    file: source.file,
    line: source.lineOf(issue.path),
    path: formatPath(issue.path),
    expected,
    found: source.foundAt(issue.path),
  };
}

function expectedBy(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return (
        {
          record: 'a mapping',
          object: 'a mapping',
          array: 'a list',
          string: 'text',
          int: 'a whole number',
          number: 'a whole number',
          boolean: 'true or false',
        }[issue.expected as string] ?? `a ${issue.expected}`
      );
    case 'invalid_value':
      return `one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'too_small':
      return issue.origin === 'array' ? `at least ${issue.minimum} entries` : `at least ${issue.minimum}`;
    case 'too_big':
      return `at most ${issue.maximum}`;
    case 'custom': {
      const expected: unknown = issue.params?.['expected'];
      return typeof expected === 'string' ? expected : issue.message.replace(/^expected /, '');
    }
    default:
      return issue.message.replace(/^expected /, '');
  }
}

/** Problems below `monitors[…]` with the name of their monitor. */
export function nameMonitors(problems: readonly Problem[], sources: readonly SourceDocument[]): Problem[] {
  return problems.map((problem) => {
    const index = /^monitors\[(\d+)\]/.exec(problem.path)?.[1];
    const source = index === undefined ? undefined : sources.find(({ file }) => file === problem.file);
    const entry = mappingsIn(asMapping(source?.value)['monitors']).find(([at]) => at === Number(index))?.[1];
    const monitor = entry && textAt(entry, 'name');
    return monitor === undefined ? problem : { ...problem, monitor };
  });
}
