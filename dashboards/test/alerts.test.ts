import { expect, test } from 'vitest';
import { parseAlerts } from '../src/alerts/firing-alerts.ts';

const alert = {
  fingerprint: '0123456789abcdef',
  labels: { alertname: 'MonitorDown', monitor: 'shop' },
  annotations: { summary: 'shop is down' },
  startsAt: '2026-11-22T18:59:00.000Z',
  endsAt: '2026-11-22T19:10:00.000Z',
  updatedAt: '2026-11-22T19:00:00.000Z',
  generatorURL: '',
  receivers: [{ name: 'team' }],
  status: { state: 'active', silencedBy: [], inhibitedBy: [] },
};

test("reads Alertmanager's list, newest first", () => {
  const older = { ...alert, startsAt: '2026-11-22T18:00:00.000Z', labels: { alertname: 'Old' } };
  expect(parseAlerts(JSON.stringify([older, alert]))).toMatchObject([
    { name: 'MonitorDown', startsAtMs: Date.UTC(2026, 10, 22, 18, 59), state: 'active' },
    { name: 'Old' },
  ]);
});

test('anything else is not a list of alerts', () => {
  for (const body of ['', '{}', 'null', '[1]', '[{}]', '<html>', JSON.stringify([{ ...alert, labels: { a: 1 } }])]) {
    expect(parseAlerts(body), body).toBeUndefined();
  }
  expect(parseAlerts(JSON.stringify([{ ...alert, startsAt: 'soon' }]))).toBeUndefined();
});
