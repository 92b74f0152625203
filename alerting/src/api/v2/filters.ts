import { type Matcher, parseMatcher } from '@tocsin/service/config';
import { loadRe2 } from '@tocsin/service/late-libraries';
import { type CompiledMatcher, compileMatchers } from '../../notify/matchers.ts';

/** The filter of a query, or a sentence that says what was expected. */
export type ReadFilter<Value> =
  { readonly status: 'ok'; readonly value: Value } | { readonly status: 'invalid'; readonly detail: string };

/** Reads matchers, all of which must match. @param parameter as `filter` */
export function readMatchers(parameter: string, sources: readonly string[]): ReadFilter<readonly Matcher[]> {
  const value: Matcher[] = [];
  for (const source of sources) {
    const matcher = parseMatcher(source);
    if (!matcher || !compiles(matcher)) {
      const detail = `${parameter}: expected a matcher such as severity="page", found ${JSON.stringify(source)}`;
      return { status: 'invalid', detail };
    }
    value.push(matcher);
  }
  return { status: 'ok', value };
}

function compiles({ op, value }: Matcher): boolean {
  return op === '=' || op === '!=' || compilePattern(value) !== undefined;
}

/** The whole value has to match; RE2's syntax. `undefined` where the pattern is none. */
function compilePattern(source: string): ((value: string) => boolean) | undefined {
  const { RE2JS, RE2JSException } = loadRe2();
  try {
    const compiled = RE2JS.compile(source);
    return (value) => compiled.matches(value);
  } catch (error) {
    if (error instanceof RE2JSException) return undefined;
    throw error;
  }
}

/** What parameters of alerts and groups say of labels and receivers. */
export interface AlertFilter {
  readonly matches: CompiledMatcher;
  readonly matchesReceiver: (receiver: string) => boolean;
}

/** Reads `filter`, `receiver` and `receiver_matchers`. Receivers have no labels here, so the last compares with empty values. */
export function readAlertFilter(query: {
  readonly filter: readonly string[];
  readonly receiver?: string | undefined;
  readonly receiver_matchers: readonly string[];
}): ReadFilter<AlertFilter> {
  const labels = readMatchers('filter', query.filter);
  if (labels.status === 'invalid') return labels;
  const ofReceivers = readMatchers('receiver_matchers', query.receiver_matchers);
  if (ofReceivers.status === 'invalid') return ofReceivers;
  const pattern = query.receiver === undefined ? () => true : compilePattern(query.receiver);
  if (!pattern)
    return {
      status: 'invalid',
      detail: `receiver: expected a regular expression, found ${JSON.stringify(query.receiver)}`,
    };
  const anyReceiver = compileMatchers(ofReceivers.value)({});
  return {
    status: 'ok',
    value: { matches: compileMatchers(labels.value), matchesReceiver: (receiver) => anyReceiver && pattern(receiver) },
  };
}
