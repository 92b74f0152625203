import { z } from 'zod';
import { text } from '../scalars.ts';
import {
  certificateDays,
  expectations,
  type ExpectationSeverity,
  jsonExpectation,
  latency,
  type LatencyPhase,
  oneOrMore,
  severity,
  textSettings,
  tlsVersion,
  type ValueTest,
  valueTests,
  valueTestsOf,
} from './expectations.ts';

/** Status codes from the first to the last, both included. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

const STATUS = /^([1-5])xx$|^([1-5]\d\d)(?:-([1-5]\d\d))?$/i;
const expectedStatus = 'a status: a code such as 200, a class such as 2xx or a range such as 200-204';

const status = z.custom<string | number>().transform((value, context): StatusRange => {
  const [, of, first, last = first] = STATUS.exec(String(value)) ?? [];
  const from = of === undefined ? Number(first) : Number(of) * 100;
  const to = of === undefined ? Number(last) : from + 99;
  if (from <= to) return { from, to };
  context.addIssue({ code: 'custom', message: `expected ${expectedStatus}`, params: { expected: expectedStatus } });
  return z.NEVER;
});

const header = z
  .strictObject({ name: text, ...valueTests })
  .transform((value) => ({ name: value.name.toLowerCase(), tests: valueTestsOf(value) }));

const entry = z
  .strictObject({
    status: oneOrMore(status).optional(),
    ...textSettings('body'),
    header: oneOrMore(header).optional(),
    json: oneOrMore(jsonExpectation).optional(),
    latency: latency.optional(),
    tls_version: tlsVersion.optional(),
    certificate_days: certificateDays.optional(),
    severity,
  })
  .transform((value): HttpExpectation[] => {
    const common = { severity: value.severity };
    const body = valueTestsOf({
      contains: value.body_contains,
      not_contains: value.body_not_contains,
      matches: value.body_matches,
      not_matches: value.body_not_matches,
    }).filter(({ operator }) => operator !== 'exists');
    return [
      ...(value.status ? [{ ...common, subject: 'status' as const, ranges: value.status }] : []),
      ...(value.header ?? []).map((each) => ({ ...common, subject: 'header' as const, ...each })),
      ...(body.length > 0 ? [{ ...common, subject: 'body' as const, tests: body }] : []),
      ...(value.json ?? []).map((each) => ({ ...common, subject: 'json' as const, ...each })),
      ...(value.tls_version ? [{ ...common, subject: 'tls_version' as const, min: value.tls_version }] : []),
      ...(value.certificate_days === undefined
        ? []
        : [{ ...common, subject: 'certificate_days' as const, min: value.certificate_days }]),
      ...(value.latency ?? []).map((each) => ({ ...common, subject: 'latency' as const, ...each })),
    ];
  });

/** One thing a response must be, and what it means where it is not. */
export type HttpExpectation = { readonly severity: ExpectationSeverity } & (
  | { readonly subject: 'status'; readonly ranges: readonly StatusRange[] }
  | { readonly subject: 'header'; readonly name: string; readonly tests: readonly ValueTest[] }
  | { readonly subject: 'body'; readonly tests: readonly ValueTest[] }
  | { readonly subject: 'json'; readonly path: string; readonly tests: readonly ValueTest[] }
  | { readonly subject: 'tls_version'; readonly min: z.output<typeof tlsVersion> }
  | { readonly subject: 'certificate_days'; readonly min: number }
  | { readonly subject: 'latency'; readonly phase: LatencyPhase; readonly maxMs: number }
);

/** What a response must be; without an expectation about the status it is 2xx. */
export const httpExpectations = expectations(entry)
  .optional()
  .transform((value): readonly HttpExpectation[] => {
    const list = value ?? [];
    if (list.some(({ subject }) => subject === 'status')) return list;
    return [{ subject: 'status', ranges: [{ from: 200, to: 299 }], severity: 'down' }, ...list];
  });
