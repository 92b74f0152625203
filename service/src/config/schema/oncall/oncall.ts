import { z } from 'zod';
import { httpUrl, positiveDuration, text } from '../scalars.ts';
import { escalation } from './escalations.ts';
import { schedule } from './schedules.ts';
import { user } from './users.ts';

/** The section `oncall`: people, when they are on call, and who is told when nobody acknowledges. */
export const oncall = z
  .strictObject({
    users: z.array(user).default([]),
    schedules: z.array(schedule).default([]),
    escalations: z.array(escalation).default([]),
    urgent: z.array(text).default(['page', 'critical']),
    acknowledge_timeout: positiveDuration.default(3_600_000),
    reopen_within: positiveDuration.default(300_000),
    heartbeat: z.strictObject({ url: httpUrl, interval: positiveDuration.default(60_000) }).optional(),
  })
  .transform((value) => ({
    users: value.users,
    schedules: value.schedules,
    escalations: value.escalations,
    /** The severities for which quiet hours do not count. */
    urgent: value.urgent,
    /** After it what was acknowledged and goes on is told again. */
    acknowledgeTimeoutMs: value.acknowledge_timeout,
    /** Trouble that comes back within it is the same incident. */
    reopenWithinMs: value.reopen_within,
    /** A URL that is called while all is well with alerting. */
    heartbeat: value.heartbeat && { url: value.heartbeat.url, intervalMs: value.heartbeat.interval },
  }));

export type OnCallConfig = Readonly<z.output<typeof oncall>>;
