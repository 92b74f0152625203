import { type Document, type Node, type Scalar, visit } from 'yaml';
import { pathOf } from './node-path.ts';
import type { NodeProblem } from './problem.ts';
import type { References } from './secret-file.ts';

/** Variables of the environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What filling in has done. */
export interface Filled {
  /** The text of every scalar that had references, as it was written. */
  readonly written: ReadonlyMap<Node, string>;
  /** Scalars that could not be filled in. */
  readonly unfilled: ReadonlySet<Node>;
  /** What was filled in that is secret: of files, and of variables whose names say so. */
  readonly secrets: ReadonlyMap<Node, readonly string[]>;
  readonly problems: readonly NodeProblem[];
}

const REFERENCE = /\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|\$\{file:([^}]+)\}|\$\{/g;

/**
 * Fills in `${NAME}`, `${NAME:-default}` and `${file:PATH}` in every scalar but keys; `$$` becomes `$`. Without `references` it does nothing.
 */
export function fillEnvironment(document: Document.Parsed, references: References | undefined): Filled {
  const written = new Map<Node, string>();
  const unfilled = new Set<Node>();
  const secrets = new Map<Node, readonly string[]>();
  const problems: NodeProblem[] = [];
  if (references) {
    visit(document, {
      Scalar(key, node, ancestors) {
        if (key === 'key' || typeof node.value !== 'string' || !node.value.includes('$')) return;
        const { wrong, secret } = fillScalar(node, written, references);
        if (wrong.length > 0) unfilled.add(node);
        if (secret.length > 0) secrets.set(node, secret);
        problems.push(...wrong.map((problem) => ({ node, path: pathOf(node, ancestors), ...problem })));
      },
    });
  }
  return { written, unfilled, secrets, problems };
}

type Wrong = Pick<NodeProblem, 'expected' | 'found'>;

const MALFORMED: Wrong = {
  expected: '${NAME}, ${NAME:-default} or ${file:PATH} ($$ is a dollar sign)',
  found: '${ that is neither',
};

/** Names of variables that hold something secret. */
const SECRET_VARIABLE =
  /pass|pwd|secret|token|key|auth|cred|cookie|session|sign|otp|(?:^|_)pin(?:_|$)|bearer|private|dsn/i;

interface FilledScalar {
  /** What could not be filled in. */
  readonly wrong: readonly Wrong[];
  readonly secret: readonly string[];
}

function fillScalar(node: Scalar, written: Map<Node, string>, { env, readFile }: References): FilledScalar {
  const source = String(node.value);
  const wrong: Wrong[] = [];
  const secret: string[] = [];
  const keep = (name: string, value: string): string => {
    if (SECRET_VARIABLE.test(name)) secret.push(value);
    return value;
  };
  const filled = source.replace(REFERENCE, (whole, name?: string, fallback?: string, path?: string) => {
    if (whole === '$$') return '$';
    if (path !== undefined) {
      const content = readFile(path);
      if ('text' in content) {
        secret.push(content.text);
        return content.text;
      }
      wrong.push({ expected: `a file ${path} that can be read`, found: content.found });
      return '';
    }
    if (name === undefined) {
      wrong.push(MALFORMED);
      return whole;
    }
    const value = env[name];
    if (value !== undefined && (value !== '' || fallback === undefined)) return keep(name, value);
    if (fallback !== undefined) return keep(name, fallback);
    const expected = `the environment variable ${name} to be set (or a default: \${${name}:-…})`;
    wrong.push({ expected, found: 'it is not set' });
    return '';
  });
  if (filled !== source) written.set(node, source);
  node.value = filled;
  return { wrong, secret };
}
