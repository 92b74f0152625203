/** A value of an alert's rule at a moment, Unix milliseconds. */
export interface Point {
  readonly timeMs: number;
  readonly value: number;
}

/** The values that alerts have had, oldest first. */
export interface ChartSource {
  valuesOf(fingerprint: string): readonly Point[];
}
