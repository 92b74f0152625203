import { durationOfBucket } from '../../src/queries/duration-sketch.ts';

/*
 * What statements on the rollups by the minute have in common. Their rows are whole minutes, so a panel counts from the beginning of the
 * minute in which the time range begins to the end of the one in which it ends, or to now; rates are over just that time.
 */
const FROM = 'toStartOfMinute($__fromTime)';
const TO = 'least(now(), toStartOfMinute($__toTime + 59))';
/** The panel's interval, at least a minute. */
const STEP = 'toIntervalMinute(intDiv($__interval_s + 59, 60))';

const SNIPPETS: Readonly<Record<string, (argument: string) => string>> = {
  /** Whether the row's minute is in the time range. */
  minutes: () => `Time >= ${FROM} AND Time < $__toTime`,
  /** The interval the row belongs to: the column `time` of a series. */
  time: () => `toStartOfInterval(Time, ${STEP})`,
  /** The seconds of the interval `time` that are in the time range and have gone by. */
  covered: () => `dateDiff('second', greatest(time, ${FROM}), least(time + ${STEP}, ${TO}))`,
  /** The seconds of the time range that have gone by, at least one. */
  range: () => `greatest(dateDiff('second', ${FROM}, ${TO}), 1)`,
  /** The seconds that a bucket of durations stands for. */
  seconds: (bucket) => `${durationOfBucket(bucket)} / 1e9`,
  /** The class of a log record. Source: OpenTelemetry, Logs Data Model, "Field: SeverityNumber". */
  level: () =>
    "multiIf(SeverityNumber >= 21, 'fatal', SeverityNumber >= 17, 'error', SeverityNumber >= 13, 'warn', SeverityNumber >= 9, 'info', SeverityNumber >= 5, 'debug', SeverityNumber >= 1, 'trace', SeverityText != '', lower(SeverityText), 'unknown')",
};

/**
 * Replaces `@{name argument}` in a statement by the snippet of that name.
 * @throws Error for a name that is not known
 */
export function expandSnippets(sql: string): string {
  return sql.replaceAll(/@\{(\w+) ?([^}]*)\}/g, (match, name: string, argument: string) => {
    const snippet = SNIPPETS[name];
    if (!snippet) throw new Error(`${match} is no snippet; there are ${Object.keys(SNIPPETS).join(', ')}`);
    return snippet(argument);
  });
}
