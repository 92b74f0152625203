import { available, type Part, unavailable } from '../part.ts';
import type { FiringAlert } from './alert-types.ts';
import { type AlertingClient, isRecord } from './alerting-client.ts';

const NO_LIST = 'Alerting answered with something that is not a list of alerts.';

/** Asks for what fires now (Alertmanager's API, version 2). Newest first. */
export async function loadFiring(alerting: AlertingClient): Promise<Part<readonly FiringAlert[]>> {
  const answer = await alerting.ask({ method: 'GET', path: '/api/v2/alerts' });
  if (answer.status === 'refused') return unavailable('http_status', answer.message);
  if (answer.status !== 'ok') return answer;
  const alerts = readAlerts(answer.value);
  return alerts ? available(alerts) : unavailable('bad_answer', NO_LIST);
}

/** Reads the answer; `undefined` where it is not a list of alerts. Newest first. */
export function readAlerts(value: unknown): FiringAlert[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const alerts = value.map(readAlert);
  if (!alerts.every((alert) => alert !== undefined)) return undefined;
  return alerts.sort((a, b) => b.startsAtMs - a.startsAtMs);
}

function readAlert(value: unknown): FiringAlert | undefined {
  if (!isRecord(value)) return undefined;
  const { fingerprint, labels, annotations, startsAt, status } = value;
  if (!isTextRecord(labels) || !isTextRecord(annotations) || typeof startsAt !== 'string') return undefined;
  const startsAtMs = Date.parse(startsAt);
  if (Number.isNaN(startsAtMs)) return undefined;
  const state = isRecord(status) && typeof status['state'] === 'string' ? status['state'] : 'active';
  return {
    fingerprint: typeof fingerprint === 'string' ? fingerprint : '',
    name: labels['alertname'] ?? '(no name)',
    labels,
    annotations,
    startsAtMs,
    state,
  };
}

function isTextRecord(value: unknown): value is Record<string, string> {
  return isRecord(value) && Object.values(value).every((entry) => typeof entry === 'string');
}
