import type { Alert, LabelSet } from '../../alert.ts';

/** A value at a moment, Unix milliseconds; NaN where none is known. */
export interface SeriesPoint {
  readonly timeMs: number;
  readonly value: number;
  /** What was looked at was in trouble then. */
  readonly isBad?: boolean | undefined;
}

/** Fewer points than this say nothing. */
export const MIN_POINTS = 3;

/** Of what a value is. */
export type SeriesUnit = 'number' | 'seconds' | 'ratio' | 'bytes';

/** What is drawn of an alert, oldest point first. */
export interface Series {
  readonly points: readonly SeriesPoint[];
  /** In words. */
  readonly title?: string | undefined;
  readonly unit?: SeriesUnit | undefined;
  readonly threshold?: number | undefined;
}

/** How an alert's value has been, by stored data. */
export interface StoredSeries {
  /** `undefined` where nothing is known of the alert's rule; `no_chart` where the rule wants none. Rejects where the data cannot be read. */
  seriesOf(alert: Alert, nowMs: number): Promise<Series | 'no_chart' | undefined>;
}

/** A stretch of time, Unix milliseconds. */
export interface Stretch {
  readonly fromMs: number;
  readonly nowMs: number;
  /** Between two points. */
  readonly stepMs: number;
}

/** The language of a rule's chart. */
export interface SeriesExpression {
  /** The points of one series. @throws Error where they cannot be had */
  read(source: string, labels: LabelSet, stretch: Stretch): Promise<readonly SeriesPoint[]>;
}
