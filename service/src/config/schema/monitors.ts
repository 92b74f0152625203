import { validate as isCron } from 'node-cron';
import { z } from 'zod';
import { ALWAYS, asMapping, isGiven, mappingsIn, refuseIn, textAt } from './cross-checks.ts';
import { httpUrl, positiveDuration, text, timeZone, wholeNumber } from './scalars.ts';

const statusCode = wholeNumber(100, 599);

const status = z
  .union([statusCode, z.array(statusCode).min(1)])
  .transform((value) => (Array.isArray(value) ? value : [value]));

const oneOrMore = z.union([text, z.array(text).min(1)]).transform((value) => (Array.isArray(value) ? value : [value]));

/** What a probe's answer must be to pass. Durations in milliseconds. */
const expectation = z
  .strictObject({
    status: status.optional(),
    latency: positiveDuration.optional(),
    body_contains: oneOrMore.optional(),
  })
  .transform((value) => ({
    /** Accepted status codes; empty means any 2xx. */
    status: value.status ?? [],
    latencyMs: value.latency,
    bodyContains: value.body_contains ?? [],
  }));

const cron = text.refine((value) => isCron(value), {
  params: { expected: 'a cron expression such as "*/5 * * * *"' },
  message: 'expected a cron expression such as "*/5 * * * *"',
});

/** One entry of `monitors`. Its kind is the key that names the target: `http`. */
export const monitor = z
  .strictObject({
    name: text,
    http: httpUrl,
    method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']).default('GET'),
    headers: z.record(z.string(), z.string()).default({}),
    body: z.string().optional(),
    interval: positiveDuration.optional(),
    cron: cron.optional(),
    timezone: timeZone.optional(),
    timeout: positiveDuration.default(5_000),
    expect: expectation.default({ status: [], latencyMs: undefined, bodyContains: [] }),
  })
  .superRefine((value: unknown, context) => {
    const refuse = refuseIn(context);
    const given = asMapping(value);
    if (isGiven(given, 'interval') && isGiven(given, 'cron')) refuse(['cron'], 'either interval or cron, not both');
    if (isGiven(given, 'timezone') && !isGiven(given, 'cron')) refuse(['timezone'], 'a timezone only beside cron');
    const interval = given['interval'];
    if (typeof interval === 'number' && interval < 1_000) refuse(['interval'], 'an interval of at least 1s');
  }, ALWAYS)
  .transform((value) => ({
    name: value.name,
    kind: 'http' as const,
    schedule:
      value.cron === undefined
        ? ({ type: 'interval', intervalMs: value.interval ?? 60_000 } as const)
        : ({ type: 'cron', expression: value.cron, timeZone: value.timezone ?? 'UTC' } as const),
    timeoutMs: value.timeout,
    http: { url: value.http, method: value.method, headers: value.headers, body: value.body },
    expect: value.expect,
  }));

/** One thing to watch. */
export type Monitor = Readonly<z.output<typeof monitor>>;
export type MonitorKind = Monitor['kind'];
export type MonitorSchedule = Monitor['schedule'];

export const monitors = z.array(monitor).superRefine((list: unknown, context) => {
  const refuse = refuseIn(context);
  const seen = new Map<string, number>();
  for (const [index, entry] of mappingsIn(list)) {
    const name = textAt(entry, 'name');
    if (name === undefined) continue;
    const first = seen.get(name);
    if (first === undefined) seen.set(name, index);
    else refuse([index, 'name'], `a name of its own (monitors[${first}] has this one)`);
  }
}, ALWAYS);
