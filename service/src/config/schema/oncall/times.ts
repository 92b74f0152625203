import { z } from 'zod';

/** In the order in which ISO 8601 counts them: Monday is 1. */
const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];

function scalar<Output>(expected: string, parse: (value: string) => Output | undefined) {
  return z.custom<string | number>().transform((value, context): Output => {
    const parsed = typeof value === 'string' || typeof value === 'number' ? parse(String(value)) : undefined;
    if (parsed !== undefined) return parsed;
    context.addIssue({ code: 'custom', message: `expected ${expected}`, params: { expected } });
    return z.NEVER;
  });
}

/** Kept as `HH:MM`. */
export const timeOfDay = scalar('a time of day such as 09:00', (value) =>
  /^(?:[01]\d|2[0-3]):[0-5]\d$/.test(value) ? value : undefined,
);

/** Kept as `2026-11-02`. */
export const date = scalar('a date such as 2026-11-02', (value) => {
  if (!/^\d{4}-\d\d-\d\d$/.test(value)) return undefined;
  try {
    return Temporal.PlainDate.from(value).toString();
  } catch {
    return undefined;
  }
});

/** `monday`, `mon`, or a range as `mon:fri`; read as ISO weekdays. */
const weekdays = scalar('a weekday such as monday, or some as monday:friday', (value) => {
  const [first = -1, last = first] = value
    .toLowerCase()
    .split(':')
    .map((word) => WEEKDAYS.findIndex((name) => word === name || word === name.slice(0, 3)) + 1);
  if (value.split(':').length > 2 || first < 1 || last < first) return undefined;
  return EVERY_DAY.slice(first - 1, last);
});

/** A part of the week, as `{ days: [monday:friday], from: 09:00, to: 17:00 }`; `to` at or before `from` is on the next day. */
export const partOfWeek = z
  .strictObject({
    days: z
      .preprocess((value) => (value === undefined || Array.isArray(value) ? value : [value]), z.array(weekdays).min(1))
      .optional(),
    from: timeOfDay.default('00:00'),
    to: timeOfDay.default('00:00'),
  })
  .transform(({ days, from, to }) => ({ days: days ? [...new Set(days.flat())] : EVERY_DAY, from, to }));
