import {
  askFor,
  asList,
  asNumber,
  asObject,
  asText,
  asTexts,
  asTimeMs,
  maybe,
  type Read,
} from '../alerts/read-answer.ts';
import type { ApiSources } from '../api/endpoints.ts';
import { endpoint, type Endpoint } from '../api/framework/endpoint.ts';
import { oneOf, optional, text, textLike } from '../api/framework/read-input.ts';
import type {
  Incident,
  IncidentAlert,
  IncidentPage,
  IncidentStatus,
  MeanTimes,
  TimelineEntry,
  Told,
  Waiting,
} from './incident-types.ts';

const SHOWN = 200;
/** As alerting bounds a note. */
const MAX_NOTE = 4_000;
const STATUSES: readonly IncidentStatus[] = ['active', 'acknowledged', 'muted', 'resolved'];

const asStatus: Read<IncidentStatus> = (value) => STATUSES.find((one) => one === value);

/** An incident as alerting's API shows it. */
export const asIncident = asObject<Incident>({
  id: asText,
  status: asStatus,
  severity: asText,
  receiver: asText,
  groupLabels: asTexts,
  alertCount: asNumber,
  openedAt: asTimeMs,
  firstAcknowledgedAt: maybe(asTimeMs),
  acknowledgedBy: maybe(asText),
  resolvedAt: maybe(asTimeMs),
  nextStep: maybe(asNumber),
  nextStepAt: maybe(asTimeMs),
});

const asPage = asObject<IncidentPage>({
  incident: asIncident,
  alerts: asList(
    asObject<IncidentAlert>({ fingerprint: asText, labels: asTexts, annotations: asTexts, startsAt: asTimeMs }),
  ),
  timeline: asList(asObject<TimelineEntry>({ at: asTimeMs, kind: asText, actor: asText, text: asText })),
  told: asList(asObject<Told>({ kind: asText, name: asText, channel: asText, at: asTimeMs })),
  waiting: asList(asObject<Waiting>({ kind: asText, name: asText, until: asTimeMs })),
});

const asListed = asObject<{ readonly incidents: readonly Incident[] }>({ incidents: asList(asIncident) });
const asMeans = asObject<MeanTimes>({
  incidents: asNumber,
  acknowledged: asNumber,
  resolved: asNumber,
  meanToAcknowledgeMs: maybe(asNumber),
  meanToResolveMs: maybe(asNumber),
});

const id = textLike(/^[\w-]{1,64}$/, 'the id of an incident');

/** Incidents: what they are, and what people do to them. */
export function incidentEndpoints({ alerting }: ApiSources): readonly Endpoint[] {
  const act = (what: 'acknowledge' | 'unacknowledge') =>
    endpoint(`POST /api/v1/incidents/:id/${what}`, {
      role: 'editor',
      input: { id },
      answer: (input, { name: actor }) =>
        askFor(
          alerting,
          {
            method: 'POST',
            path: `/api/v1/incidents/${input.id}/${what}`,
            route: `/api/v1/incidents/{id}/${what}`,
            actor,
          },
          asIncident,
        ),
    });
  return [
    endpoint('GET /api/v1/incidents', {
      role: 'viewer',
      input: { status: optional(oneOf('open', 'resolved')) },
      answer: async ({ status }) => {
        const query = new URLSearchParams({ limit: String(SHOWN), ...(status && { status }) });
        const answer = await askFor(alerting, { method: 'GET', path: `/api/v1/incidents?${query}` }, asListed);
        return answer.status === 'ok' ? { status: 'ok', value: answer.value.incidents } : answer;
      },
    }),
    endpoint('GET /api/v1/incidents/:id', {
      role: 'viewer',
      input: { id },
      answer: (input) =>
        askFor(
          alerting,
          { method: 'GET', path: `/api/v1/incidents/${input.id}`, route: '/api/v1/incidents/{id}' },
          asPage,
        ),
    }),
    act('acknowledge'),
    act('unacknowledge'),
    endpoint('POST /api/v1/incidents/:id/notes', {
      role: 'editor',
      input: { id, text: text(MAX_NOTE) },
      answer: (input, { name: actor }) =>
        askFor(
          alerting,
          {
            method: 'POST',
            path: `/api/v1/incidents/${input.id}/notes`,
            route: '/api/v1/incidents/{id}/notes',
            body: { text: input.text },
            actor,
          },
          asIncident,
        ),
    }),
    endpoint('GET /api/v1/mean-times', {
      role: 'viewer',
      input: {},
      answer: () => askFor(alerting, { method: 'GET', path: '/api/v1/oncall/mean-times' }, asMeans),
    }),
  ];
}
