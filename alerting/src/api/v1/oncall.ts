import type { Shift } from '@tocsin/service/on-call';
import type { OnCall } from '../../oncall/oncall.ts';
import type { OverrideRefusal, StoredOverride } from '../../oncall/overrides.ts';
import { defineEndpoint, type Endpoint, ok, refuse } from '../framework/endpoint.ts';
import { sharedSchema } from '../framework/zod.ts';
import { orNothing, postedTime, requiredTime, shownTime } from '../v2/schemas.ts';

const shownShift = sharedSchema((z) =>
  z
    .object({
      user: z.string(),
      start: shownTime(z),
      end: shownTime(z),
      /** The id of the override that it comes from. */
      override: z.string().nullable(),
    })
    .meta({ id: 'Shift' }),
);
const shownOverride = sharedSchema((z) =>
  z
    .object({
      id: z.string(),
      schedule: z.string(),
      user: z.string(),
      start: shownTime(z),
      end: shownTime(z),
      createdBy: z.string(),
      createdAt: shownTime(z),
    })
    .meta({ id: 'Override' }),
);
const scheduleParameter = sharedSchema((z) => z.object({ schedule: z.string() }));

const UNKNOWN_SCHEDULE = 'There is no such schedule.';
const DAY_MS = 86_400_000;
const LONGEST_MS = 400 * DAY_MS;

/** `/api/v1/oncall`: who is on call when, and who instead. */
export function onCallEndpoints({ rota, overrides }: Pick<OnCall, 'rota' | 'overrides'>): readonly Endpoint[] {
  return [...rotaEndpoints(rota), ...calendarEndpoints(rota), ...overrideEndpoints(overrides)];
}

function rotaEndpoints(rota: OnCall['rota']): readonly Endpoint[] {
  return [
    defineEndpoint({
      method: 'GET',
      path: '/api/v1/oncall/now',
      tag: 'on-call',
      summary: 'Who is on call now, for each schedule, until when, and who is next.',
      role: 'viewer',
      answer: (z) =>
        z.object({
          schedules: z.array(
            z.object({ schedule: z.string(), now: shownShift(z).nullable(), next: shownShift(z).nullable() }),
          ),
        }),
      handle: (_input, { nowMs }) =>
        ok({
          schedules: rota.whoIsOnCall(nowMs).map(({ schedule, now, next }) => ({
            schedule,
            now: now ? showShift(now) : null,
            next: next ? showShift(next) : null,
          })),
        }),
    }),
    defineEndpoint({
      method: 'GET',
      path: '/api/v1/oncall/schedules/{schedule}/shifts',
      tag: 'on-call',
      summary: 'The shifts of a schedule, overrides counted; of the next four weeks unless said, at most 400 days.',
      role: 'viewer',
      params: scheduleParameter,
      query: (z) => z.strictObject({ from: orNothing(postedTime(z)), to: orNothing(postedTime(z)) }),
      answer: (z) => z.object({ shifts: z.array(shownShift(z)) }),
      refusals: { 404: UNKNOWN_SCHEDULE, 422: 'The time is too long, or ends before it begins.' },
      handle({ params: { schedule }, query: { from, to } }, { nowMs }) {
        const fromMs = from ?? nowMs;
        const toMs = to ?? fromMs + 28 * DAY_MS;
        if (toMs <= fromMs || toMs - fromMs > LONGEST_MS)
          return refuse(422, 'expected a time of at most 400 days, its end after its start');
        const shifts = rota.shifts(schedule, fromMs, toMs);
        return shifts ? ok({ shifts: shifts.map(showShift) }) : unknownSchedule(schedule);
      },
    }),
    defineEndpoint({
      method: 'GET',
      path: '/api/v1/oncall/gaps',
      tag: 'on-call',
      summary: 'When nobody is on call in the next four weeks.',
      role: 'viewer',
      answer: (z) =>
        z.object({
          schedules: z.array(
            z.object({
              schedule: z.string(),
              timezone: z.string(),
              totalMs: z.number(),
              described: z.array(z.string()),
              gaps: z.array(z.object({ start: shownTime(z), end: shownTime(z) })),
            }),
          ),
        }),
      handle: (_input, { nowMs }) =>
        ok({
          schedules: rota.gaps(nowMs).map(({ schedule, timeZone, totalMs, described, gaps }) => ({
            schedule,
            timezone: timeZone,
            totalMs,
            described,
            gaps: gaps.map(({ startMs, endMs }) => ({ start: iso(startMs), end: iso(endMs) })),
          })),
        }),
    }),
  ];
}

function calendarEndpoints(rota: OnCall['rota']): readonly Endpoint[] {
  return [
    defineEndpoint({
      method: 'GET',
      path: '/api/v1/oncall/schedules/{schedule}/calendar.ics',
      tag: 'on-call',
      summary: 'The shifts of a schedule as iCalendar: the last month and the next half year.',
      role: 'viewer',
      params: scheduleParameter,
      answer: (z) => z.string(),
      answerType: 'text/calendar',
      refusals: { 404: UNKNOWN_SCHEDULE },
      handle({ params: { schedule } }, { nowMs }) {
        const calendar = rota.scheduleCalendar(schedule, nowMs);
        return calendar === undefined ? unknownSchedule(schedule) : ok(calendar);
      },
    }),
    defineEndpoint({
      method: 'GET',
      path: '/api/v1/oncall/users/{user}/calendar.ics',
      tag: 'on-call',
      summary: 'Everything that somebody is on call for, as iCalendar.',
      role: 'viewer',
      params: (z) => z.object({ user: z.string() }),
      answer: (z) => z.string(),
      answerType: 'text/calendar',
      refusals: { 404: 'There is no such user.' },
      handle({ params: { user } }, { nowMs }) {
        const calendar = rota.userCalendar(user, nowMs);
        return calendar === undefined ? refuse(404, `expected a user's name, found ${user}`) : ok(calendar);
      },
    }),
  ];
}

function overrideEndpoints(overrides: OnCall['overrides']): readonly Endpoint[] {
  const refusals = {
    404: 'There is no such schedule, user or override.',
    422: 'The times make no sense, or nobody is on call then.',
    429: 'The schedule has too many overrides.',
  };
  return [
    defineEndpoint({
      method: 'GET',
      path: '/api/v1/oncall/overrides',
      tag: 'on-call',
      summary: 'The overrides that are not over, the later made after the earlier.',
      role: 'viewer',
      answer: (z) => z.object({ overrides: z.array(shownOverride(z)) }),
      handle: (_input, { nowMs }) => ok({ overrides: overrides.list(nowMs).map(showOverride) }),
    }),
    defineEndpoint({
      method: 'POST',
      path: '/api/v1/oncall/overrides',
      tag: 'on-call',
      summary: 'Puts somebody on call for a while, whatever the schedule says.',
      role: 'responder',
      action: 'override.create',
      body: (z) =>
        z.strictObject({ schedule: z.string(), user: z.string(), start: requiredTime(z), end: requiredTime(z) }),
      answer: shownOverride,
      answerStatus: 201,
      refusals,
      handle({ body: { schedule, user, start, end } }, { actor, nowMs }) {
        const outcome = overrides.create({ schedule, user, startMs: start, endMs: end }, actor, nowMs);
        if (outcome.status === 'refused') return refuseOverride(outcome);
        return ok(showOverride(outcome.result), { target: outcome.result.id, note: describe(outcome.result) });
      },
    }),
    defineEndpoint({
      method: 'DELETE',
      path: '/api/v1/oncall/overrides/{id}',
      tag: 'on-call',
      summary: 'Takes an override back.',
      role: 'responder',
      action: 'override.delete',
      params: (z) => z.object({ id: z.string() }),
      answer: shownOverride,
      refusals,
      handle({ params: { id } }) {
        const outcome = overrides.delete(id);
        if (outcome.status === 'refused') return refuseOverride(outcome);
        return ok(showOverride(outcome.result), { target: id, note: describe(outcome.result) });
      },
    }),
    defineEndpoint({
      method: 'POST',
      path: '/api/v1/oncall/swaps',
      tag: 'on-call',
      summary: 'The people of two shifts, each named by a moment in it, take each other’s: two overrides.',
      role: 'responder',
      action: 'override.swap',
      body: (z) => z.strictObject({ schedule: z.string(), first: requiredTime(z), second: requiredTime(z) }),
      answer: (z) => z.object({ overrides: z.array(shownOverride(z)) }),
      answerStatus: 201,
      refusals,
      handle({ body: { schedule, first, second } }, { actor, nowMs }) {
        const outcome = overrides.swap({ schedule, firstMs: first, secondMs: second }, actor, nowMs);
        if (outcome.status === 'refused') return refuseOverride(outcome);
        const { result } = outcome;
        return ok({ overrides: result.map(showOverride) }, { target: schedule, note: result.map(describe).join('; ') });
      },
    }),
  ];
}

const STATUSES = {
  unknown_schedule: 404,
  unknown_user: 404,
  unknown_override: 404,
  bad_time: 422,
  no_shift: 422,
  limit_reached: 429,
} as const satisfies Record<OverrideRefusal['reason'], number>;

function refuseOverride({ reason, detail }: OverrideRefusal) {
  return refuse(STATUSES[reason], detail);
}

function unknownSchedule(name: string) {
  return refuse(404, `expected a schedule's name, found ${name}`);
}

const iso = (timeMs: number): string => new Date(timeMs).toISOString();

function showShift({ user, startMs, endMs, source }: Shift) {
  return { user, start: iso(startMs), end: iso(endMs), override: 'override' in source ? source.override : null };
}

function showOverride({ id, schedule, user, startMs, endMs, createdBy, createdAtMs }: StoredOverride) {
  return { id, schedule, user, start: iso(startMs), end: iso(endMs), createdBy, createdAt: iso(createdAtMs) };
}

function describe({ schedule, user, startMs, endMs }: StoredOverride): string {
  return `${user} for ${schedule} from ${iso(startMs)} to ${iso(endMs)}`;
}
