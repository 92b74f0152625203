/** Two windows over which the budget has to burn at once. Times in milliseconds. */
export interface BurnPair {
  /** How many times faster than the budget allows. */
  readonly factor: number;
  readonly longMs: number;
  readonly shortMs: number;
}

const MIN = 60_000;
const HOUR = 60 * MIN;
const DAY = 24 * HOUR;

/** Multi-window, multi-burn-rate alerts. Source: Google, "The Site Reliability Workbook", chapter 5, Alerting on SLOs, table 5-8. */
export const BURN_PAIRS: Readonly<Record<'page' | 'ticket', readonly BurnPair[]>> = {
  page: [
    { factor: 14.4, longMs: HOUR, shortMs: 5 * MIN },
    { factor: 6, longMs: 6 * HOUR, shortMs: 30 * MIN },
  ],
  ticket: [
    { factor: 3, longMs: DAY, shortMs: 2 * HOUR },
    { factor: 1, longMs: 3 * DAY, shortMs: 6 * HOUR },
  ],
};
