import { z } from 'zod';
import { ALWAYS, asMapping, isGiven, refuseIn } from './cross-checks.ts';
import { percentage, positiveDuration, text } from './scalars.ts';
import { templateMap } from './template-setting.ts';

const DAY_MS = 86_400_000;
/** The longest window of a burn rate, and what a year of rollups can answer. */
const SHORTEST_MS = 3 * DAY_MS;
const LONGEST_MS = 366 * DAY_MS;

/** One or several. */
const oneOrMore = <Entry extends z.ZodType>(entry: Entry) =>
  z.preprocess((value) => (value === undefined || Array.isArray(value) ? value : [value]), z.array(entry).min(1));

const target = percentage.refine((percent) => percent > 0 && percent < 100, {
  params: { expected: 'a percentage above 0 and below 100, as 99.9%' },
  message: 'expected a percentage above 0 and below 100, as 99.9%',
});

const window = positiveDuration.refine(
  (windowMs) => windowMs >= SHORTEST_MS && windowMs <= LONGEST_MS && windowMs % 1_000 === 0,
  {
    params: { expected: 'a window from 3d to 366d, in whole seconds' },
    message: 'expected a window from 3d to 366d, in whole seconds',
  },
);

const KINDS = {
  server: 'Server',
  client: 'Client',
  internal: 'Internal',
  producer: 'Producer',
  consumer: 'Consumer',
} as const;

const spans = z.strictObject({
  service: oneOrMore(text),
  operation: oneOrMore(text).optional(),
  kind: oneOrMore(z.enum(['server', 'client', 'internal', 'producer', 'consumer'])).default(['server', 'consumer']),
});

const slo = z
  .strictObject({
    name: text,
    target,
    window: window.default(30 * DAY_MS),
    spans: spans.optional(),
    monitors: oneOrMore(text).optional(),
    latency: positiveDuration.optional(),
    labels: templateMap.default({}),
    annotations: templateMap.default({}),
  })
  .superRefine(checkSlo, ALWAYS)
  .transform((value) => ({
    name: value.name,
    /** In per cent. */
    target: value.target,
    windowMs: value.window,
    /** What is counted; names may have `*` for any text. */
    source: value.spans
      ? ({
          type: 'spans',
          services: value.spans.service,
          operations: value.spans.operation,
          kinds: value.spans.kind.map((kind) => KINDS[kind]),
        } as const)
      : ({ type: 'monitors', names: value.monitors ?? [] } as const),
    /** What takes longer is not good. */
    latencyMs: value.latency,
    labels: value.labels,
    annotations: value.annotations,
  }));

/** The section `slos`, of `tocsin.yaml` and of rule files. */
export const slos = z.array(slo).default([]);

export type Slo = Readonly<z.output<typeof slo>>;

function checkSlo(value: unknown, context: z.RefinementCtx): void {
  const refuse = refuseIn(context);
  const given = asMapping(value);
  if (isGiven(given, 'spans') === isGiven(given, 'monitors')) refuse([], 'either spans or monitors');
  for (const name of ['severity', 'slo'])
    if (isGiven(asMapping(given['labels']), name))
      refuse(['labels', name], `no label ${name}: an SLO's alerts have one of their own`);
}
