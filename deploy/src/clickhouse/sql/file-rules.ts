import { ClickHouseException } from '../exception.ts';
import type { Clauses } from './clauses.ts';
import type { TreeNode } from './tree.ts';

/**
 * Refuses the clauses that write and read files of the client, which here is the server's process. In the tree of a SELECT nothing but the path is left of
 * OUTFILE; of other statements the formatted text tells.
 * @throws ClickHouseException INTO_OUTFILE_NOT_ALLOWED
 */
export function checkFiles(nodes: readonly TreeNode[], { tokens }: Clauses): void {
  const path = nodes.some(
    ({ kind, children }) => kind === 'SelectWithUnionQuery' && children.some((child) => child.kind === 'Literal'),
  );
  const clause = tokens.some(
    ({ kind, text }, index) =>
      kind === 'word' &&
      tokens[index + 1]?.kind === 'word' &&
      ((text === 'INTO' && tokens[index + 1]?.text === 'OUTFILE') ||
        (text === 'FROM' && tokens[index + 1]?.text === 'INFILE' && tokens[index + 2]?.kind === 'string')),
  );
  if (path || clause)
    throw ClickHouseException.of('INTO_OUTFILE_NOT_ALLOWED', 'INTO OUTFILE and FROM INFILE are not allowed.');
}
