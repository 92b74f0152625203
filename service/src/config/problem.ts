import type { Node } from 'yaml';

/** One thing wrong in a configuration file. `line` counts from 1. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  /** Where in the document, as `monitors[0].interval`; empty for the whole. */
  readonly path: string;
  /** The name of the monitor it is about, where that has one. */
  readonly monitor?: string;
  readonly expected: string;
  readonly found: string;
}

/** A problem at a node, before the file and the line are written to it. */
export interface NodeProblem {
  readonly node: Node;
  readonly path: readonly PropertyKey[];
  readonly expected: string;
  readonly found: string;
}

/** The report as people read it: one line a problem, `file:line: path (monitor): expected …, found …`. */
export function formatProblems(problems: readonly Problem[]): string {
  return problems
    .map(({ file, line, path, monitor, expected, found }) => {
      const place = monitor === undefined ? path : `${path} (${monitor})`;
      return `${file}:${line}: ${place === '' ? '' : `${place}: `}expected ${expected}, found ${found}`;
    })
    .join('\n');
}
