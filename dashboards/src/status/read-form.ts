import { INCIDENT_STATUSES, MAINTENANCE_STATUSES, type PostStatus } from './posts.ts';
import type { NewPost } from './posts-client.ts';

type Read<Value> = ({ readonly status: 'ok' } & Value) | { readonly status: 'failed'; readonly message: string };

/** Reads the form of a new incident or of maintenance. @param timeZone that of its times */
export function readNewPost(form: URLSearchParams, timeZone: string): Read<{ readonly post: NewPost }> {
  const [title, text] = [form.get('title')?.trim() ?? '', form.get('text')?.trim() ?? ''];
  if (title === '' || text === '') return { status: 'failed', message: 'A title and a text are needed.' };
  const common = { title, text, monitors: form.getAll('monitor') };
  if (form.get('kind') !== 'maintenance') {
    const [impact, status] = [form.get('impact') ?? 'none', form.get('status') ?? 'investigating'];
    return { status: 'ok', post: { ...common, kind: 'incident', impact, status } };
  }
  const startsAt = readLocalTime(form.get('starts'), timeZone);
  const endsAt = readLocalTime(form.get('ends'), timeZone);
  if (startsAt === undefined || endsAt === undefined)
    return { status: 'failed', message: 'Begin and end are needed, as in 2026-12-01T22:00.' };
  return { status: 'ok', post: { ...common, kind: 'maintenance', startsAt, endsAt } };
}

/** Reads the form of an update. */
export function readUpdate(
  form: URLSearchParams,
): Read<{ readonly update: { readonly status: PostStatus; readonly text: string } }> {
  const text = form.get('text')?.trim() ?? '';
  const given = form.get('status');
  const status = [...INCIDENT_STATUSES, ...MAINTENANCE_STATUSES].find((one) => one === given);
  if (text === '' || status === undefined) return { status: 'failed', message: 'A status and a text are needed.' };
  return { status: 'ok', update: { status, text } };
}

/** What a field `datetime-local` sends, in ISO 8601 with UTC; `undefined` where it is no time. */
function readLocalTime(text: string | null, timeZone: string): string | undefined {
  if (text === null || !/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?$/.test(text)) return undefined;
  try {
    return Temporal.PlainDateTime.from(text).toZonedDateTime(timeZone).toInstant().toString();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
