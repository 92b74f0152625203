import { EVENT_KINDS, type Incident, INCIDENT_STATUSES, TOLD_STATES } from '../../oncall/incident.ts';
import type { ActOutcome } from '../../oncall/desk.ts';
import { MAX_NOTE } from '../../oncall/decide/act.ts';
import type { IncidentEvent } from '../../oncall/incident-store.ts';
import { meanTimes } from '../../oncall/mean-times.ts';
import type { OnCall } from '../../oncall/oncall.ts';
import type { Database } from '../../store/database.ts';
import { defineEndpoint, type Endpoint, ok, refuse } from '../framework/endpoint.ts';
import { choiceParameter, limitParameter, textParameter } from '../framework/parameters.ts';
import { sharedSchema } from '../framework/zod.ts';
import { labelSet, orNothing, postedTime, shownTime } from '../v2/schemas.ts';

/** What the endpoints of incidents work with. */
export interface IncidentEndpointOptions {
  readonly database: Database;
  readonly oncall: Pick<OnCall, 'desk' | 'incidents'>;
}

const shownIncident = sharedSchema((z) =>
  z
    .object({
      id: z.string(),
      status: z.enum(INCIDENT_STATUSES),
      severity: z.string(),
      receiver: z.string(),
      groupKey: z.string(),
      groupLabels: labelSet(z),
      alertCount: z.number(),
      openedAt: shownTime(z),
      firstAcknowledgedAt: shownTime(z).nullable(),
      acknowledgedBy: z.string().nullable(),
      resolvedAt: shownTime(z).nullable(),
      nextStep: z.number().nullable(),
      nextStepAt: shownTime(z).nullable(),
    })
    .meta({ id: 'Incident' }),
);

/** An incident with all that one asks about it. */
const shownDetail = sharedSchema((z) =>
  z.object({
    incident: shownIncident(z),
    alerts: z.array(
      z.object({ fingerprint: z.string(), labels: labelSet(z), annotations: labelSet(z), startsAt: shownTime(z) }),
    ),
    timeline: z.array(z.object({ at: shownTime(z), kind: z.enum(EVENT_KINDS), actor: z.string(), text: z.string() })),
    told: z.array(
      z.object({
        kind: z.enum(['user', 'receiver']),
        name: z.string(),
        channel: z.string(),
        at: shownTime(z),
        /** What became of the newest message that asks by this channel. */
        state: z.enum(TOLD_STATES),
      }),
    ),
    waiting: z.array(z.object({ kind: z.enum(['user', 'receiver']), name: z.string(), until: shownTime(z) })),
  }),
);

const idParameter = sharedSchema((z) => z.object({ id: z.string() }));
const UNKNOWN = 'There is no such incident.';
const DAY_MS = 86_400_000;

/** `/api/v1/incidents`, and what one does to them. */
export function incidentEndpoints({ database, oncall }: IncidentEndpointOptions): readonly Endpoint[] {
  return [...shownEndpoints(oncall), ...actEndpoints(oncall), ...meanEndpoints(database)];
}

function shownEndpoints({ incidents }: Pick<OnCall, 'incidents'>): readonly Endpoint[] {
  return [
    defineEndpoint({
      method: 'GET',
      path: '/api/v1/incidents',
      tag: 'incidents',
      summary: 'Incidents, the newest first; those that are over for 90 days.',
      role: 'viewer',
      query: (z) =>
        z.strictObject({
          limit: limitParameter(z),
          status: choiceParameter(
            z,
            ['open', ...INCIDENT_STATUSES],
            'Only those in this state; open: all that are not over.',
          ),
          receiver: textParameter(z, 'Only those of the receiver of this name.'),
          before: orNothing(postedTime(z)).meta({ description: 'Only those that began before this time.' }),
        }),
      answer: (z) => z.object({ incidents: z.array(shownIncident(z)) }),
      handle: ({ query: { before, ...query } }) =>
        ok({ incidents: incidents.list({ ...query, beforeMs: before }).map(showIncident) }),
    }),
    defineEndpoint({
      method: 'GET',
      path: '/api/v1/incidents/{id}',
      tag: 'incidents',
      summary: 'An incident with its alerts, its timeline, and who was told by what.',
      role: 'viewer',
      params: idParameter,
      answer: shownDetail,
      refusals: { 404: UNKNOWN },
      handle({ params: { id } }) {
        const incident = incidents.find(id);
        if (!incident) return unknown(id);
        return ok(showDetail(incident, incidents.timeline(id)));
      },
    }),
  ];
}

function actEndpoints({ desk, incidents }: IncidentEndpointOptions['oncall']): readonly Endpoint[] {
  return [
    defineEndpoint({
      method: 'POST',
      path: '/api/v1/incidents/{id}/acknowledge',
      tag: 'incidents',
      summary: 'The caller has it: the steps stop for oncall.acknowledge_timeout.',
      role: 'responder',
      action: 'incident.acknowledge',
      params: idParameter,
      answer: shownIncident,
      refusals: { 404: UNKNOWN, 409: 'It is over.' },
      handle: ({ params: { id } }, { actor, nowMs }) => answerAct(id, desk.acknowledge(id, actor, nowMs)),
    }),
    defineEndpoint({
      method: 'POST',
      path: '/api/v1/incidents/{id}/unacknowledge',
      tag: 'incidents',
      summary: 'Nobody has it any more: the steps begin anew. One that nobody has stays as it is.',
      role: 'responder',
      action: 'incident.unacknowledge',
      params: idParameter,
      answer: shownIncident,
      refusals: { 404: UNKNOWN, 409: 'It is over.' },
      handle({ params: { id } }, { actor, nowMs }) {
        const outcome = desk.unacknowledge(id, actor, nowMs);
        const incident = incidents.find(id);
        const isAsWanted = outcome.status === 'refused' && outcome.reason === 'not_acknowledged' && incident;
        return isAsWanted ? ok(showIncident(incident), { target: id }) : answerAct(id, outcome);
      },
    }),
    defineEndpoint({
      method: 'POST',
      path: '/api/v1/incidents/{id}/notes',
      tag: 'incidents',
      summary: 'Writes a note into the timeline.',
      role: 'responder',
      action: 'incident.note',
      params: idParameter,
      body: (z) => z.strictObject({ text: z.string().trim().min(1).max(MAX_NOTE) }),
      answer: shownIncident,
      refusals: { 404: UNKNOWN, 409: 'It has 1,000 notes.' },
      handle: ({ params: { id }, body: { text } }, { actor, nowMs }) =>
        answerAct(id, desk.note(id, actor, text, nowMs)),
    }),
  ];
}

function meanEndpoints(database: Database): readonly Endpoint[] {
  return [
    defineEndpoint({
      method: 'GET',
      path: '/api/v1/oncall/mean-times',
      tag: 'incidents',
      summary:
        'The mean times to acknowledge and to resolve of the incidents that began in a time, the last 30 days unless said.',
      role: 'viewer',
      query: (z) =>
        z.strictObject({
          from: orNothing(postedTime(z)),
          to: orNothing(postedTime(z)),
          receiver: textParameter(z, 'Only those of the receiver of this name.'),
        }),
      answer: (z) =>
        z.object({
          incidents: z.number(),
          acknowledged: z.number(),
          resolved: z.number(),
          meanToAcknowledgeMs: z.number().nullable(),
          meanToResolveMs: z.number().nullable(),
        }),
      handle({ query: { from, to, receiver } }, { nowMs }) {
        const toMs = to ?? nowMs + 1;
        const { meanToAcknowledgeMs, meanToResolveMs, ...counts } = meanTimes(
          database,
          from ?? toMs - 30 * DAY_MS,
          toMs,
          receiver,
        );
        return ok({
          ...counts,
          meanToAcknowledgeMs: meanToAcknowledgeMs ?? null,
          meanToResolveMs: meanToResolveMs ?? null,
        });
      },
    }),
  ];
}

const REFUSED = {
  resolved: 'expected an incident that goes on, found one that is over',
  not_acknowledged: 'expected an incident that somebody has, found one that nobody has',
  bad_note: `expected a note of 1 to ${MAX_NOTE} characters`,
  too_many_notes: 'expected at most 1,000 notes of an incident',
  no_actor: 'expected the name of somebody, found none',
} as const;

function answerAct(id: string, outcome: ActOutcome) {
  if (outcome.status === 'ok') return ok(showIncident(outcome.incident), { target: id });
  if (outcome.reason === 'unknown_incident') return unknown(id);
  return refuse(409, REFUSED[outcome.reason], { target: id });
}

function unknown(id: string) {
  return refuse(404, `expected the id of an incident, found ${id}`, { target: id });
}

const iso = (timeMs: number): string => new Date(timeMs).toISOString();
const isoOrNull = (timeMs: number | undefined): string | null => (timeMs === undefined ? null : iso(timeMs));

function showIncident(incident: Incident) {
  const { id, status, severity, receiver, groupKey, groupLabels, firing } = incident;
  const isActive = status === 'active';
  return {
    id,
    status,
    severity,
    receiver,
    groupKey,
    groupLabels,
    alertCount: firing.size,
    openedAt: iso(incident.openedAtMs),
    firstAcknowledgedAt: isoOrNull(incident.firstAcknowledgedAtMs),
    acknowledgedBy: incident.acknowledgedBy ?? null,
    resolvedAt: isoOrNull(incident.resolvedAtMs),
    nextStep: isActive ? incident.step + 1 : null,
    nextStepAt: isoOrNull(incident.nextStepAtMs),
  };
}

function showDetail(incident: Incident, timeline: readonly IncidentEvent[]) {
  return {
    incident: showIncident(incident),
    alerts: incident.alerts.map(({ fingerprint, labels, annotations, startsAtMs }) => ({
      fingerprint,
      labels,
      annotations,
      startsAt: iso(startsAtMs),
    })),
    timeline: timeline.map(({ atMs, kind, actor, text }) => ({ at: iso(atMs), kind, actor, text })),
    told: incident.told.map(({ person, channel, toldAtMs, state }) => ({
      ...person,
      channel: `${channel.receiver}/${channel.kind}/${channel.index}`,
      at: iso(toldAtMs),
      state,
    })),
    waiting: incident.deferred.map(({ person, dueAtMs }) => ({ ...person, until: iso(dueAtMs) })),
  };
}
