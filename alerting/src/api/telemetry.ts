import { metrics } from '@opentelemetry/api';
import type { PressOutcome } from '../channels/slack/interactivity/slack-routes.ts';
import type { Endpoint } from './framework/endpoint.ts';

/** Counts answers of the API by endpoint and status. @returns the function that counts one */
export function createApiTelemetry(): (endpoint: Endpoint, status: number) => void {
  const requests = metrics.getMeter('tocsin.alerting').createCounter('tocsin.alerting.api.requests', {
    unit: '{request}',
    description: 'Answers of the API of alerting.',
  });
  return ({ method, path }, status) =>
    requests.add(1, { 'http.request.method': method, 'http.route': path, 'http.response.status_code': status });
}

/** Counts what became of buttons that were pressed in Slack. @returns the function that counts one */
export function countPresses(): (outcome: PressOutcome) => void {
  const presses = metrics.getMeter('tocsin.alerting').createCounter('tocsin.alerting.slack.presses', {
    unit: '{request}',
    description: 'Requests about buttons that were pressed in Slack.',
  });
  return (outcome) => presses.add(1, { outcome });
}
