import type { ParsedTemplate, Pipeline, TemplateNode } from '@tocsin/service/template';
import { parseTemplate } from '@tocsin/service/template';
import type { Expression, Sample } from './expression.ts';
import { type Rule, toCandidate } from './rule.ts';

/** What the queries of templates answered, by their text; a text in place of an answer says why there is none. */
export type QueryResults = ReadonlyMap<string, readonly Sample[] | string>;

/** An evaluation of a rule whose templates ask. */
export interface TemplateAsking {
  readonly rule: Rule;
  readonly samples: readonly Sample[];
  /** The evaluation's time, and the moment its queries are asked about, which is earlier by `query_offset`. */
  readonly nowMs: number;
  readonly askedMs: number;
  readonly externalUrl: string;
  readonly expression: Pick<Expression, 'evaluate'>;
}

/** Different queries of one evaluation of a rule: a query that names a label is another one for each alert. */
export const MAX_QUERIES = 50;
/** Rows of one. */
const MAX_ROWS = 1_000;
/** Queries are begun for so long. */
const ASKING_MS = 5_000;

/**
 * Asks what the templates of a rule ask for its samples, each query once. Templates are filled in until none asks for more: what one asks may depend on what another answered.
 */
export async function askTemplates(asking: TemplateAsking): Promise<QueryResults> {
  const { rule, samples, nowMs, askedMs, externalUrl, expression } = asking;
  const results = new Map<string, readonly Sample[] | string>();
  const startedMs = performance.now();
  for (;;) {
    const wanted = new Set<string>();
    for (const sample of samples)
      toCandidate(rule, sample, nowMs, externalUrl, { results, onMissing: (sql) => wanted.add(sql) });
    if (wanted.size === 0) return results;
    for (const sql of wanted) {
      const limit = results.size >= MAX_QUERIES ? `more than ${MAX_QUERIES} queries in one evaluation` : undefined;
      const isLate = performance.now() - startedMs > ASKING_MS;
      results.set(sql, limit ?? (isLate ? `no time for more queries after ${ASKING_MS} ms` : await ask(sql)));
    }
  }

  async function ask(sql: string): Promise<readonly Sample[] | string> {
    const answer = await expression.evaluate(sql, askedMs, MAX_ROWS);
    return answer.status === 'ok' ? answer.samples : `${answer.reason}: ${answer.message}`;
  }
}

/** The queries that stand in a template as they are, for a check without data. */
export function literalQueries(source: string): string[] {
  if (!source.includes('query')) return [];
  const { nodes, definitions }: ParsedTemplate = parseTemplate(source);
  return [nodes, ...definitions.values()].flatMap((list) => list.flatMap(queriesOfNode));
}

function queriesOfNode(node: TemplateNode): string[] {
  if (node.type === 'print') return queriesOf(node.value.pipeline);
  if (node.type === 'template') return node.pipeline ? queriesOf(node.pipeline) : [];
  if (!('body' in node)) return [];
  return [...queriesOf(node.value.pipeline), ...[...node.body, ...node.otherwise].flatMap(queriesOfNode)];
}

function queriesOf(pipeline: Pipeline): string[] {
  return pipeline.flatMap((command, at) => {
    const [head, ...rest] = command;
    const inner = command.flatMap(({ base }) => (base.type === 'pipeline' ? queriesOf(base.pipeline) : []));
    if (head?.base.type !== 'function' || head.base.name !== 'query') return inner;
    const piped = at > 0 && pipeline[at - 1]?.length === 1 ? pipeline[at - 1]?.[0] : undefined;
    const given = rest[0] ?? piped;
    return given?.base.type === 'literal' && typeof given.base.value === 'string'
      ? [...inner, given.base.value]
      : inner;
  });
}
