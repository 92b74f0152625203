import { z } from 'zod';
import { text, timeOfDay, timeZone, wholeNumber } from '../scalars.ts';
import { date, partOfWeek } from './times.ts';

const rotation = z.union([
  z.literal('daily').transform(() => 1),
  z.literal('weekly').transform(() => 7),
  z.strictObject({ days: wholeNumber(1, 366) }).transform(({ days }) => days),
]);

const layer = z
  .strictObject({
    users: z.array(text).min(1),
    rotation,
    start: date,
    handover: timeOfDay.default('09:00'),
    restrictions: z.array(partOfWeek).default([]),
  })
  .transform((value) => ({
    users: value.users,
    /** Days between two handovers. */
    everyDays: value.rotation,
    /** The date of the first handover. */
    start: value.start,
    handover: value.handover,
    /** Empty: always. */
    restrictions: value.restrictions,
  }));

/** Who is on call when. */
export const schedule = z
  .strictObject({ name: text, timezone: timeZone.default('UTC'), layers: z.array(layer).min(1) })
  .transform((value) => ({
    name: value.name,
    timeZone: value.timezone,
    /** Of two the later one wins where it has somebody. */
    layers: value.layers,
  }));

export type OnCallSchedule = Readonly<z.output<typeof schedule>>;
