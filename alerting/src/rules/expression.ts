import type { LabelSet } from '../alert.ts';
import type { QueryResults } from './template-queries.ts';

/** One row of an expression's result: something that is true now. */
export interface Sample {
  readonly labels: LabelSet;
  readonly value: number;
  readonly annotations: LabelSet;
}

/**
 * Why an expression gave no result. `unreachable` is about ClickHouse, `schema_missing` about its tables, which are not there yet; everything
 * else about the rule.
 */
export type ExpressionFailure =
  'unreachable' | 'schema_missing' | 'timeout' | 'query_error' | 'invalid_result' | 'too_many_rows';

export type ExpressionResult =
  | {
      readonly status: 'ok';
      readonly samples: readonly Sample[];
      /** The labels of what is there and not true: rows whose value is NULL. `undefined` where the expression cannot say so. */
      readonly quiet?: readonly LabelSet[] | undefined;
      /** What the rule's templates have asked, where they ask. */
      readonly queries?: QueryResults | undefined;
    }
  | { readonly status: 'failed'; readonly reason: ExpressionFailure; readonly message: string };

/** The language rules are written in. SQL is the first; others (PromQL) join as further adapters. */
export interface Expression {
  /**
   * Evaluates at a moment, which may lie in the past.
   * @param nowMs the evaluation time, Unix milliseconds
   * @param limit the most samples; more is `too_many_rows`
   */
  evaluate(source: string, nowMs: number, limit: number): Promise<ExpressionResult>;
  /** Ends its connections. Idempotent. */
  stop(): Promise<void>;
}
