import { isIP } from 'node:net';
import { z } from 'zod';
import { formatDuration } from '../../duration.ts';
import { ALWAYS, asMapping, refuseIn } from '../cross-checks.ts';
import { percentage, positiveDuration, text, wholeNumber } from '../scalars.ts';
import type { Severity } from '../severity.ts';
import { checkEveryKind, everyKindOf, everyKindSettings } from './every-kind.ts';
import { expectations, latency } from './expectations.ts';
import { latencyLimitsOf, ownSeverity } from './shared-expectation.ts';

const expectedHost = 'a host name or address, without a port';
const host = text
  .transform((value) => value.replace(/^\[(.*)\]$/, '$1'))
  .refine((value) => isIP(value) !== 0 || /^[\p{L}\p{N}_][\p{L}\p{N}_.-]{0,253}$/u.test(value), {
    params: { expected: expectedHost },
    message: `expected ${expectedHost}`,
  });

const MEASURES = ['min', 'avg', 'max', 'jitter'] as const;
export type RttMeasure = (typeof MEASURES)[number];

const rttByMeasure = z
  .strictObject({
    min: positiveDuration.optional(),
    avg: positiveDuration.optional(),
    max: positiveDuration.optional(),
    jitter: positiveDuration.optional(),
  })
  .superRefine((value, context) => {
    if (MEASURES.every((measure) => value[measure] === undefined))
      refuseIn(context)([], `a limit for one of ${MEASURES.join(', ')}`);
  });

const expectation = z
  .strictObject({
    max_loss: percentage.optional(),
    rtt: z.union([positiveDuration, rttByMeasure]).optional(),
    latency: latency.optional(),
    severity: ownSeverity,
  })
  .transform((value) => {
    const severity = value.severity ?? 'down';
    const limits: Partial<Record<RttMeasure, number | undefined>> =
      typeof value.rtt === 'number' ? { avg: value.rtt } : (value.rtt ?? {});
    const expected: PingExpectation[] = [
      ...(value.max_loss === undefined ? [] : [{ subject: 'loss' as const, maxPercent: value.max_loss, severity }]),
      ...MEASURES.flatMap((measure) => {
        const maxMs = limits[measure];
        return maxMs === undefined ? [] : [{ subject: 'rtt' as const, measure, maxMs, severity }];
      }),
    ];
    return { expected, latency: value.latency, severity: value.severity };
  });

/** One thing that answers to a ping must be, and what it means where they are not. */
export type PingExpectation = { readonly severity: Severity } & (
  | { readonly subject: 'loss'; readonly maxPercent: number }
  | { readonly subject: 'rtt'; readonly measure: RttMeasure; readonly maxMs: number }
);

/** The last answer is given this much time at least. */
const LAST_ANSWER_MS = 500;

/** A monitor whose target is a host that answers pings. */
export const icmpMonitor = z
  .strictObject({
    kind: z.literal('icmp'),
    ...everyKindSettings(10_000),
    icmp: host,
    count: wholeNumber(1, 100).default(3),
    spacing: positiveDuration.default(1_000),
    size: wholeNumber(16, 65_507).default(56),
    ip: z.enum(['auto', '4', '6']).default('auto'),
    expect: expectations(expectation).optional(),
  })
  .superRefine(checkEveryKind, ALWAYS)
  .superRefine((value: unknown, context) => {
    const { count, spacing, timeout } = asMapping(value);
    const refuse = refuseIn(context);
    if (typeof spacing === 'number' && spacing < 200) refuse(['spacing'], 'at least 200ms between pings');
    if (typeof count !== 'number' || typeof spacing !== 'number' || typeof timeout !== 'number') return;
    const neededMs = (count - 1) * spacing + LAST_ANSWER_MS;
    // A single ping may have as little time as anybody likes.
    if (count > 1 && timeout < neededMs)
      refuse(['timeout'], `at least ${formatDuration(neededMs)}: ${count} pings ${formatDuration(spacing)} apart`);
  }, ALWAYS)
  .transform((value) => {
    const entries = value.expect ?? [];
    return {
      ...everyKindOf(value),
      kind: value.kind,
      host: value.icmp,
      count: value.count,
      /** From one echo request to the next. */
      spacingMs: value.spacing,
      /** Of the data in an echo request. */
      sizeBytes: value.size,
      ip: value.ip,
      expect: { latency: latencyLimitsOf(entries), answers: entries.flatMap((entry) => entry.expected) },
    };
  });
