import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { createAlertingClient } from '../src/alerts/alerting-client.ts';
import { loadFiring, readAlerts } from '../src/alerts/firing-alerts.ts';

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
  expect(readAlerts([older, alert])).toMatchObject([
    { name: 'MonitorDown', startsAtMs: Date.UTC(2026, 10, 22, 18, 59), state: 'active' },
    { name: 'Old' },
  ]);
});

test('anything else is not a list of alerts', () => {
  for (const value of [undefined, {}, null, [1], [{}], '<html>', [{ ...alert, labels: { a: 1 } }]])
    expect(readAlerts(value), JSON.stringify(value)).toBeUndefined();
  expect(readAlerts([{ ...alert, startsAt: 'soon' }])).toBeUndefined();
});

test('shows alerting who asks, for its API may want a token', async () => {
  const seen: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers.authorization);
    response.end('[]');
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  for (const key of ['internal-key', undefined]) {
    const client = createAlertingClient(`http://127.0.0.1:${port}`, key);
    expect(await loadFiring(client)).toMatchObject({ status: 'ok' });
    await client.stop();
  }
  expect(seen).toEqual(['Bearer internal-key', undefined]);
  await new Promise((resolve) => server.close(resolve));
});
