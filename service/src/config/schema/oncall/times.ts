import { z } from 'zod';
import { scalar, timeOfDay, weekdayOf } from '../scalars.ts';

const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];

/** Kept as `2026-11-02`. */
export const date = scalar('a date such as 2026-11-02', (given) => {
  const value = String(given);
  if (!/^\d{4}-\d\d-\d\d$/.test(value)) return undefined;
  try {
    return Temporal.PlainDate.from(value).toString();
  } catch {
    return undefined;
  }
});

/** `monday`, `mon`, or a range as `mon:fri`; read as ISO weekdays. */
const weekdays = scalar('a weekday such as monday, or some as monday:friday', (value) => {
  const words = String(value).split(':');
  const [first = -1, last = first] = words.map(weekdayOf);
  if (words.length > 2 || first < 1 || last < first) return undefined;
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
