import type { ApiSources } from '../api/endpoints.ts';
import { endpoint, type Endpoint } from '../api/framework/endpoint.ts';
import type { AlertView } from './alert-types.ts';
import { isRecord } from './alerting-client.ts';
import { readAlert } from './firing-alerts.ts';
import { askFor, asList, asText, type Read } from './read-answer.ts';

const asNames: Read<readonly string[]> = (value) => (value === undefined ? [] : asList(asText)(value));

const asAlert: Read<AlertView> = (value) => {
  const alert = readAlert(value);
  if (!alert || !isRecord(value)) return undefined;
  const status = isRecord(value['status']) ? value['status'] : {};
  const receivers = asList<string>((one) => (isRecord(one) ? asText(one['name']) : undefined))(
    value['receivers'] ?? [],
  );
  const silencedBy = asNames(status['silencedBy']);
  const inhibitedBy = asNames(status['inhibitedBy']);
  const mutedBy = asNames(status['mutedBy']);
  return receivers && silencedBy && inhibitedBy && mutedBy && { ...alert, silencedBy, inhibitedBy, mutedBy, receivers };
};

/** What fires now. */
export function alertEndpoints({ alerting }: ApiSources): readonly Endpoint[] {
  return [
    endpoint('GET /api/v1/alerts', {
      role: 'viewer',
      input: {},
      answer: async () => {
        const answer = await askFor(alerting, { method: 'GET', path: '/api/v2/alerts' }, asList(asAlert));
        if (answer.status !== 'ok') return answer;
        return { status: 'ok', value: answer.value.toSorted((a, b) => b.startsAtMs - a.startsAtMs) };
      },
    }),
  ];
}
