import { type AlertingClient, isRecord } from '../alerts/alerting-client.ts';
import type { Answer } from '../api/framework/endpoint.ts';
import { available, unavailable } from '../part.ts';
import type { MonitorIncident } from './contract-types.ts';

/** So many of the newest incidents are looked through. */
const ASKED = 200;

/** The newest incidents whose group is of this monitor. Alerting knows an incident by the labels that its alerts are grouped by (docs/alerting/on-call.md). */
export async function loadIncidents(
  alerting: AlertingClient,
  monitor: string,
): Promise<Answer<readonly MonitorIncident[]>> {
  const answer = await alerting.ask({ method: 'GET', path: `/api/v1/incidents?limit=${ASKED}` });
  if (answer.status !== 'ok') return answer;
  const incidents = isRecord(answer.value) ? answer.value['incidents'] : undefined;
  if (!Array.isArray(incidents))
    return unavailable('bad_answer', 'Alerting answered with something that the console does not understand.');
  return available(incidents.flatMap(readIncident).filter(({ labels }) => labels['monitor'] === monitor));
}

function readIncident(value: unknown): MonitorIncident[] {
  if (!isRecord(value)) return [];
  const { id, status, severity, groupLabels, openedAt, resolvedAt, acknowledgedBy } = value;
  const openedMs = readTime(openedAt);
  if (typeof id !== 'string' || typeof status !== 'string' || openedMs === undefined || !isRecord(groupLabels))
    return [];
  const resolvedMs = readTime(resolvedAt);
  return [
    {
      id,
      status,
      severity: typeof severity === 'string' ? severity : '',
      labels: Object.fromEntries(Object.entries(groupLabels).map(([name, label]) => [name, String(label)])),
      openedMs,
      ...(resolvedMs !== undefined && { resolvedMs }),
      ...(typeof acknowledgedBy === 'string' && { acknowledgedBy }),
    },
  ];
}

function readTime(value: unknown): number | undefined {
  const atMs = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : atMs;
}
