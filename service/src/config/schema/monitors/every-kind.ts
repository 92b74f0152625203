import { z } from 'zod';
import { formatDuration } from '../../duration.ts';
import { loadCron } from '../../late-libraries.ts';
import { asMapping, isGiven, type Refuse, refuseIn } from '../cross-checks.ts';
import { maintenanceWindow, type MaintenanceWindow } from '../maintenance.ts';
import { positiveDuration, text, timeZone, wholeNumber } from '../scalars.ts';

const cron = text.refine(comesTrue, {
  params: { expected: 'a cron expression that comes true, such as "*/5 * * * *"' },
  message: 'expected a cron expression that comes true, such as "*/5 * * * *"',
});

/** Whether it is a cron expression, and of a time that there is: the 30th of February never comes. */
function comesTrue(expression: string): boolean {
  try {
    const task = loadCron().createTask(expression, () => undefined, { timezone: 'UTC' });
    const [next] = task.getNextRuns(1);
    void task.destroy();
    return next !== undefined;
  } catch {
    return false;
  }
}

/** How often a failure has to be seen before a monitor is down. */
const confirm = z.strictObject({
  failures: wholeNumber(1, 100).default(2),
  within: positiveDuration.default(30_000),
  retry_after: positiveDuration.default(5_000),
});

const names = z.preprocess(
  (value) => (value === undefined || Array.isArray(value) ? value : [value]),
  z.array(text).min(1),
);

/** The settings of every kind of monitor that looks at a target on a schedule. */
export function everyKindSettings(timeoutMs = 5_000) {
  return {
    name: text,
    group: text.optional(),
    interval: positiveDuration.optional(),
    cron: cron.optional(),
    timezone: timeZone.optional(),
    timeout: positiveDuration.default(timeoutMs),
    confirm: confirm.prefault({}),
    recover: wholeNumber(1, 100).default(1),
    depends_on: names.default([]),
    maintenance: z.array(maintenanceWindow).default([]),
  };
}

/** What holds between the common settings. For `superRefine(checkEveryKind, ALWAYS)`. */
export function checkEveryKind(value: unknown, context: z.RefinementCtx): void {
  const refuse = refuseIn(context);
  const given = asMapping(value);
  if (isGiven(given, 'interval') && isGiven(given, 'cron')) refuse(['cron'], 'either interval or cron, not both');
  if (isGiven(given, 'timezone') && !isGiven(given, 'cron')) refuse(['timezone'], 'a timezone only beside cron');
  checkConfirm(given['confirm'], given['timeout'], refuse);
  const interval = given['interval'];
  if (typeof interval === 'number' && interval < 1_000) refuse(['interval'], 'an interval of at least 1s');
}

/** The failures have to fit into the time: the last attempt begins after the pauses, and after the time limits of those between. */
function checkConfirm(confirm: unknown, timeoutMs: unknown, refuse: Refuse): void {
  const { failures, within: withinMs, retry_after: pauseMs } = asMapping(confirm);
  const isWhole = [failures, withinMs, pauseMs, timeoutMs].every((part) => typeof part === 'number');
  if (!isWhole) return;
  const [count, within, pause, limit] = [failures, withinMs, pauseMs, timeoutMs].map(Number) as [
    number,
    number,
    number,
    number,
  ];
  const neededMs = (count - 1) * pause + Math.max(0, count - 2) * limit;
  if (neededMs > within)
    refuse(
      ['confirm', 'within'],
      `at least ${formatDuration(neededMs)}: ${count} failures ${formatDuration(pause)} apart and the timeouts between`,
    );
}

type Settings = z.output<z.ZodObject<ReturnType<typeof everyKindSettings>>>;

/** When a monitor runs. */
export type MonitorSchedule =
  | { readonly type: 'interval'; readonly intervalMs: number }
  | { readonly type: 'cron'; readonly expression: string; readonly timeZone: string };

/** The common part of a monitor. Durations in milliseconds. */
export interface EveryKind {
  readonly name: string;
  /** Under which heading it is shown. */
  readonly group?: string;
  readonly schedule: MonitorSchedule;
  /** Of a whole run. */
  readonly timeoutMs: number;
  /** Before it is down. */
  readonly confirm: {
    /** So many attempts in a row fail, */
    readonly failures: number;
    /** from the end of the first to the start of the last within this time, */
    readonly withinMs: number;
    /** and after one that fails the next begins this much later, if none is due sooner. */
    readonly retryAfterMs: number;
  };
  /** Before it is up again, so many attempts in a row are good. */
  readonly recoverSuccesses: number;
  /** Names of monitors whose failure explains this one's. */
  readonly dependsOn: readonly string[];
  readonly maintenance: readonly MaintenanceWindow[];
  /** Texts that references in its settings were filled with and that must not be shown anywhere. */
  readonly secrets?: readonly string[];
}

/**
 * Reads the common settings.
 * @param intervalMs the kind's own default
 */
export function everyKindOf(value: Settings, intervalMs = 60_000): EveryKind {
  return {
    name: value.name,
    ...(value.group !== undefined && { group: value.group }),
    schedule:
      value.cron === undefined
        ? { type: 'interval', intervalMs: value.interval ?? intervalMs }
        : { type: 'cron', expression: value.cron, timeZone: value.timezone ?? 'UTC' },
    timeoutMs: value.timeout,
    confirm: {
      failures: value.confirm.failures,
      withinMs: value.confirm.within,
      retryAfterMs: value.confirm.retry_after,
    },
    recoverSuccesses: value.recover,
    dependsOn: value.depends_on,
    maintenance: value.maintenance,
  };
}
