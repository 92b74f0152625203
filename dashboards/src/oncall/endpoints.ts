import type { OnCallConfig } from '@tocsin/service/config';
import type { AlertingClient } from '../alerts/alerting-client.ts';
import { askFor, asList, asObject, asText, asTimeMs, maybe } from '../alerts/read-answer.ts';
import type { ApiSources } from '../api/endpoints.ts';
import { type Answer, endpoint, type Endpoint, refuse } from '../api/framework/endpoint.ts';
import { momentMs, text, textLike } from '../api/framework/read-input.ts';
import type { Gap, OnCallPage, Override, ScheduleView, Shift } from './oncall-types.ts';

const asShift = asObject<Shift>({ user: asText, start: asTimeMs, end: asTimeMs, override: maybe(asText) });
const asOverride = asObject<Override>({
  id: asText,
  schedule: asText,
  user: asText,
  start: asTimeMs,
  end: asTimeMs,
  createdBy: asText,
});
const asNow = asObject<{ readonly schedules: readonly { schedule: string; now?: Shift; next?: Shift }[] }>({
  schedules: asList(
    asObject<{ schedule: string; now?: Shift; next?: Shift }>({
      schedule: asText,
      now: maybe<Shift | undefined>(asShift),
      next: maybe<Shift | undefined>(asShift),
    }),
  ),
});
const asGaps = asObject<{ readonly schedules: readonly { schedule: string; gaps: readonly Gap[] }[] }>({
  schedules: asList(
    asObject<{ schedule: string; gaps: readonly Gap[] }>({
      schedule: asText,
      gaps: asList(asObject<Gap>({ start: asTimeMs, end: asTimeMs })),
    }),
  ),
});
const asShifts = asObject<{ readonly shifts: readonly Shift[] }>({ shifts: asList(asShift) });
const asOverrides = asObject<{ readonly overrides: readonly Override[] }>({ overrides: asList(asOverride) });

const LONGEST_MS = 62 * 86_400_000;
const name = text(300);
const toIso = (atMs: number): string => new Date(atMs).toISOString();

/** Who is on call when, and who instead. */
export function onCallEndpoints({ alerting, config }: ApiSources): readonly Endpoint[] {
  return [
    endpoint('GET /api/v1/oncall', {
      role: 'viewer',
      input: { start: momentMs, end: momentMs },
      answer: ({ start, end }) =>
        end <= start || end - start > LONGEST_MS
          ? Promise.resolve(refuse('bad_request', 'The time has to be at most 62 days, its end after its start.'))
          : loadPage(alerting, start, end, config().oncall),
    }),
    endpoint('POST /api/v1/oncall/overrides', {
      role: 'editor',
      input: { schedule: name, user: name, start: momentMs, end: momentMs },
      answer: ({ schedule, user, start, end }, { name: actor }) => {
        const body = { schedule, user, start: toIso(start), end: toIso(end) };
        return askFor(alerting, { method: 'POST', path: '/api/v1/oncall/overrides', body, actor }, asOverride);
      },
    }),
    endpoint('POST /api/v1/oncall/overrides/:id/delete', {
      role: 'editor',
      input: { id: textLike(/^[\w-]{1,64}$/, 'the id of an override') },
      answer: ({ id }, { name: actor }) =>
        askFor(
          alerting,
          {
            method: 'DELETE',
            path: `/api/v1/oncall/overrides/${id}`,
            route: '/api/v1/oncall/overrides/{id}',
            actor,
          },
          asOverride,
        ),
    }),
  ];
}

async function loadPage(
  alerting: AlertingClient,
  startMs: number,
  endMs: number,
  { schedules: configured, users }: Pick<OnCallConfig, 'schedules' | 'users'>,
): Promise<Answer<OnCallPage>> {
  const get = (path: string, route = path) => ({ method: 'GET', path, route }) as const;
  const [now, gaps, overrides] = await Promise.all([
    askFor(alerting, get('/api/v1/oncall/now'), asNow),
    askFor(alerting, get('/api/v1/oncall/gaps'), asGaps),
    askFor(alerting, get('/api/v1/oncall/overrides'), asOverrides),
  ]);
  if (now.status !== 'ok') return now;
  if (gaps.status !== 'ok') return gaps;
  if (overrides.status !== 'ok') return overrides;
  const query = new URLSearchParams({ from: toIso(startMs), to: toIso(endMs) });
  const schedules: ScheduleView[] = [];
  for (const { schedule, ...who } of now.value.schedules) {
    const path = `/api/v1/oncall/schedules/${encodeURIComponent(schedule)}/shifts?${query}`;
    const shifts = await askFor(alerting, get(path, '/api/v1/oncall/schedules/{schedule}/shifts'), asShifts);
    if (shifts.status !== 'ok') return shifts;
    schedules.push({
      name: schedule,
      timeZone: configured.find((one) => one.name === schedule)?.timeZone ?? 'UTC',
      ...who,
      shifts: shifts.value.shifts,
      gaps: gaps.value.schedules.find((one) => one.schedule === schedule)?.gaps ?? [],
    });
  }
  return {
    status: 'ok',
    value: { schedules, overrides: overrides.value.overrides, users: users.map((user) => user.name) },
  };
}
