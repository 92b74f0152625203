import { type AlertingClient, isRecord } from '../alerts/alerting-client.ts';
import { available, type Part, unavailable } from '../part.ts';
import type { OnCallView } from './contract-types.ts';

/** Asks alerting who is on call now, and who next, by each schedule. */
export async function loadOnCall(alerting: AlertingClient): Promise<Part<readonly OnCallView[]>> {
  const answer = await alerting.ask({ method: 'GET', path: '/api/v1/oncall/now' });
  if (answer.status === 'refused') return unavailable('http_status', answer.message);
  if (answer.status !== 'ok') return answer;
  const views = readOnCall(answer.value);
  return views
    ? available(views)
    : unavailable('bad_answer', 'Alerting answered with something that does not say who is on call.');
}

/** Reads the answer of `GET /api/v1/oncall/now` (docs/alerting/api.md); `undefined` where it is none. */
export function readOnCall(value: unknown): OnCallView[] | undefined {
  const schedules = isRecord(value) ? value['schedules'] : undefined;
  if (!Array.isArray(schedules)) return undefined;
  const views = schedules.map((one: unknown): OnCallView | undefined => {
    if (!isRecord(one) || typeof one['schedule'] !== 'string') return undefined;
    const now = readShift(one['now']);
    const next = readShift(one['next']);
    return {
      schedule: one['schedule'],
      now: now && { user: now.user, untilMs: now.endMs },
      next: next && { user: next.user, fromMs: next.startMs },
    };
  });
  return views.every((view) => view !== undefined) ? views : undefined;
}

function readShift(
  value: unknown,
): { readonly user: string; readonly startMs: number; readonly endMs: number } | undefined {
  if (!isRecord(value)) return undefined;
  const { user, start, end } = value;
  if (typeof user !== 'string' || typeof start !== 'string' || typeof end !== 'string') return undefined;
  return { user, startMs: Date.parse(start), endMs: Date.parse(end) };
}
