import { consoleUrl, type RuleGroup, type TocsinConfig } from '@tocsin/service/config';
import type { Expression } from '../../rules/expression.ts';
import { openDatabase } from '../../store/database.ts';
import { askGroup } from '../ask.ts';
import { createPlay } from '../play.ts';
import { countMoments, timelineOf } from '../timeline.ts';
import { createEpisodeBook, type Episode } from './episodes.ts';
import { lookAhead } from './look-ahead.ts';
import { createRehearsal, type Message } from './messages.ts';

/** What to play. Times are Unix milliseconds. */
export interface BacktestOptions {
  readonly config: TocsinConfig;
  readonly groups: readonly RuleGroup[];
  readonly expression: Expression;
  readonly fromMs: number;
  readonly toMs: number;
  /** In the place of the groups' own intervals. */
  readonly stepMs: number | undefined;
  /** Told after each evaluation. */
  readonly onProgress: (done: number, total: number) => void;
  readonly signal: AbortSignal;
}

/** What would have happened. */
export interface BacktestResult {
  readonly evaluations: number;
  readonly episodes: readonly Episode[];
  readonly messages: readonly Message[];
  /** By the rule's name: how often it could not be evaluated, and why the last time. */
  readonly failures: ReadonlyMap<string, { readonly count: number; readonly message: string }>;
  /** The time it got to: `toMs`, or earlier where it was interrupted. */
  readonly endMs: number;
}

/** Queries under way: history is read beside what ClickHouse has to do. */
const QUERIES_AT_ONCE = 4;

/**
 * Plays rules over stored history at the times at which alerting would have evaluated them, and what they say through today's routes. Nothing
 * is known of before `fromMs`: an alert that has fired since earlier begins there.
 */
export async function runBacktest(options: BacktestOptions): Promise<BacktestResult> {
  const { config, groups, expression, fromMs, toMs, stepMs, signal } = options;
  const database = openDatabase(':memory:');
  const rehearsal = createRehearsal(config, database, fromMs);
  try {
    const book = createEpisodeBook(rehearsal.sink);
    const play = createPlay({ groups, database, sink: book, externalUrl: consoleUrl(config), startMs: fromMs });
    const total = countMoments(groups, fromMs, toMs, stepMs);
    const failures = new Map<string, { count: number; message: string }>();
    const moments = lookAhead(timelineOf(groups, fromMs, toMs, { stepMs }), QUERIES_AT_ONCE, ({ timeMs, group }) => {
      const asked = groups[group];
      return asked ? askGroup(asked, timeMs, expression, consoleUrl(config)) : Promise.resolve([]);
    });
    let evaluations = 0;
    let endMs = fromMs;
    for await (const [{ timeMs, group }, results] of moments) {
      await rehearsal.advanceTo(timeMs);
      for (const { rule, message } of play.step(group, timeMs, results))
        failures.set(rule, { count: (failures.get(rule)?.count ?? 0) + 1, message });
      evaluations += 1;
      endMs = timeMs;
      options.onProgress(evaluations, total);
      if (signal.aborted) break;
    }
    if (!signal.aborted) endMs = toMs;
    await rehearsal.advanceTo(endMs);
    return { evaluations, episodes: book.list(), messages: rehearsal.list(), failures, endMs };
  } finally {
    await rehearsal.stop();
    database.close();
  }
}
