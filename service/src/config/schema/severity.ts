import { z } from 'zod';
import { isMapping } from './cross-checks.ts';

/** What an expectation that is not met makes of the target. */
export const severity = z.enum(['down', 'degraded']).default('down');
export type Severity = z.output<typeof severity>;

/**
 * A limit that says how bad it is to miss it: `latency: 800ms` (then it is down), or `latency: { max: 800ms, severity: degraded }`.
 * @param key the limit's own key in the long form, as `max` or `min_days`
 */
export function graded<Key extends string, Limit extends z.ZodType>(key: Key, limit: Limit) {
  const long = z.strictObject({ [key]: limit, severity } as { [K in Key]: Limit } & { severity: typeof severity });
  return z.preprocess((value) => (value === undefined || isMapping(value) ? value : { [key]: value }), long);
}
