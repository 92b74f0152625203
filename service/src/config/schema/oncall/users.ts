import { z } from 'zod';
import { text, timeOfDay, timeZone } from '../scalars.ts';

const names = z.array(text).min(1);

/** Somebody who can be on call. */
export const user = z
  .strictObject({
    name: text,
    timezone: timeZone.default('UTC'),
    contact: names,
    urgent_contact: names.optional(),
    slack_id: text.optional(),
    quiet_hours: z.strictObject({ from: timeOfDay, to: timeOfDay }).optional(),
  })
  .transform((value) => ({
    name: value.name,
    timeZone: value.timezone,
    /** Names of receivers. */
    contact: value.contact,
    /** Names of receivers for what is urgent; `contact` where there are none. */
    urgentContact: value.urgent_contact ?? value.contact,
    /** The member ID in Slack: whose press of a button it is. */
    slackId: value.slack_id,
    /** In which only what is urgent is told, `HH:MM` in the user's zone. */
    quietHours: value.quiet_hours,
  }));

export type OnCallUser = Readonly<z.output<typeof user>>;
