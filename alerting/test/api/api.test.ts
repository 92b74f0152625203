import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GettableAlert } from '../../src/api/v2/schemas.ts';
import type { DeliveryLogEntry } from '../../src/outbox/delivery-log.ts';
import { START_MS, type Scenario } from '../notify/scenario.ts';
import { ApiUnderTest } from './api-under-test.ts';

const ALERTING = `
  route:
    receiver: team
    group_by: [alertname]
    group_wait: 1s
    routes: [{ receiver: boss, matchers: ['severity="page"'], continue: true }, { receiver: team }]
  receivers:
    - name: team
      email_configs: [{ to: a@example.com, from: t@example.com, smarthost: "127.0.0.1:25", auth_username: u, auth_password: hush-hush }]
    - name: boss
      slack_configs: [{ api_url: "http://127.0.0.1:1/services/hush-hush", channel: "#ops" }]
`;
const page = { alertname: 'Down', monitor: 'a', severity: 'page' };
const ticket = { alertname: 'Slow', monitor: 'b', severity: 'ticket' };

const SLO = { name: 'shop', target: 99.9, windowMs: 1, countedAtMs: 2, good: 9, total: 10, budgetRemaining: 0.5 };
let api: ApiUnderTest;
let scenario: Scenario;
let notReady: readonly string[] = [];
beforeEach(async () => {
  notReady = [];
  api = await ApiUnderTest.start(ALERTING, { notReady: () => notReady, slos: [SLO] });
  ({ scenario } = api);
});
afterEach(() => api.stop());

const get = async (path: string) => {
  const { status, body } = await api.get(path);
  return { status, body };
};
const alerts = async (query = '') => (await get(`/api/v2/alerts${query}`)).body as GettableAlert[];
const names = async (query: string) => (await alerts(query)).map(({ labels }) => labels['alertname']);

test('GET /api/v1/slos shows what is left of each error budget', async () => {
  expect(await get('/api/v1/slos')).toEqual({
    status: 200,
    body: {
      slos: [
        {
          name: 'shop',
          target: 99.9,
          windowMs: 1,
          countedAt: '1970-01-01T00:00:00.002Z',
          error: null,
          good: 9,
          total: 10,
          budgetRemaining: 0.5,
          isCovered: null,
          burnRates: [],
        },
      ],
    },
  });
});

describe('GET /api/v2/alerts', () => {
  test("shows firing alerts in Alertmanager's shape, and no resolved ones", async () => {
    scenario.push([page, ticket]);
    await scenario.until('10s');
    scenario.push([page], [ticket]);
    expect(await alerts()).toEqual([
      {
        annotations: {},
        endsAt: new Date(START_MS + 310_000).toISOString(),
        fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
        receivers: [{ name: 'boss' }, { name: 'team' }],
        startsAt: new Date(START_MS).toISOString(),
        status: { inhibitedBy: [], mutedBy: [], silencedBy: [], state: 'active' },
        updatedAt: new Date(START_MS + 10_000).toISOString(),
        labels: page,
      },
    ]);
  });

  test('filters by matchers, all of which must match', async () => {
    scenario.push([page, ticket]);
    expect(await names('')).toHaveLength(2);
    expect(await names('?filter=severity%3D%22page%22')).toEqual(['Down']);
    expect(await names('?filter=monitor%3D~%22a%7Cb%22&filter=alertname!%3DDown')).toEqual(['Slow']);
  });

  test('filters by receiver and state', async () => {
    scenario.push([page, ticket]);
    expect(await names('?receiver=bo.*')).toEqual(['Down']);
    expect(await names('?receiver=bo')).toEqual([]);
    expect(await names('?active=false')).toEqual([]);
    expect(await names('?silenced=false&inhibited=false&active=true')).toHaveLength(2);
  });

  test.each([
    ['?filter=nonsense', 400, 'filter: expected a matcher such as severity="page", found "nonsense"'],
    ['?filter=a%3D~%22(%22', 400, 'filter: expected a matcher such as severity="page", found "a=~\\"(\\""'],
    ['?receiver=(', 400, 'receiver: expected a regular expression, found "("'],
    ['?receiver_matchers=(', 400, 'receiver_matchers: expected a matcher such as severity="page", found "("'],
    ['?active=perhaps', 422, { code: 601, message: 'active in query: expected true or false, found text' }],
  ])('refuses %s as Alertmanager does', async (query, status, body) => {
    expect(await get(`/api/v2/alerts${query}`)).toEqual({ status, body });
  });

  test('passes over parameters that it does not know', async () => {
    expect((await get('/api/v2/alerts?unknown=1')).status).toBe(200);
  });
});

test('GET /api/v2/receivers lists the receivers', async () => {
  expect(await get('/api/v2/receivers')).toEqual({ status: 200, body: [{ name: 'team' }, { name: 'boss' }] });
});

test('GET /api/v2/status shows version, uptime and the routing without secrets', async () => {
  const { body } = await get('/api/v2/status');
  expect(body).toMatchObject({
    cluster: { status: 'disabled' },
    uptime: new Date(START_MS).toISOString(),
    versionInfo: { version: 'tocsin-1.2.3' },
  });
  const { original } = (body as { config: { original: string } }).config;
  expect(original).toContain('group_wait: 1s');
  expect(original).toContain('severity="page"');
  expect(original).toContain('<secret>');
  expect(original).not.toContain('hush-hush');
});

describe('GET /api/v1/deliveries', () => {
  const deliveries = async (query = '') =>
    ((await get(`/api/v1/deliveries${query}`)).body as { deliveries: DeliveryLogEntry[] }).deliveries;

  test('shows what became of every notification, the newest first', async () => {
    scenario.answers.set('boss/slack/0', () => ({ status: 'retryable', reason: 'timeout', detail: 'No answer.' }));
    scenario.push([page]);
    await scenario.until('1s');
    const shown = await deliveries();
    expect(shown).toHaveLength(2);
    expect(shown).toContainEqual({
      id: expect.any(String),
      receiver: 'boss',
      channel: 'slack',
      channelIndex: 0,
      groupKey: '{}/{severity="page"}:{alertname="Down"}',
      cause: 'first_notification',
      title: '[FIRING:1] Down (a)',
      status: 'pending',
      attempts: 1,
      createdAt: new Date(START_MS + 1_000).toISOString(),
      nextAttemptAt: new Date(START_MS + 2_000).toISOString(),
      doneAt: null,
      lastReason: 'timeout',
      lastDetail: 'No answer.',
      supersededBy: null,
    });
    expect(await deliveries('?status=delivered')).toMatchObject([{ receiver: 'team', status: 'delivered' }]);
    expect(await deliveries('?receiver=boss&limit=1')).toMatchObject([{ receiver: 'boss' }]);
  });

  test.each(['?limit=0', '?limit=1001', '?limit=x', '?status=lost'])('refuses %s', async (query) => {
    expect((await get(`/api/v1/deliveries${query}`)).status).toBe(400);
  });
});

test('health and readiness are told in both ways of asking', async () => {
  expect(await get('/-/healthy')).toEqual({ status: 200, body: 'OK' });
  expect(await get('/-/ready')).toEqual({ status: 200, body: 'OK' });
  notReady = ['no disk'];
  expect(await get('/-/ready')).toEqual({ status: 503, body: 'no disk\n' });
  expect(await get('/readyz')).toEqual({ status: 503, body: { status: 'not ready', reasons: ['no disk'] } });
  expect((await get('/healthz')).status).toBe(200);
});

describe('a path that cannot be read', () => {
  test.each(['/api/v1/incidents/%zz', '/api/v1/%', `/api/v1/incidents/${'x'.repeat(3_000)}`])(
    '%s is a problem like any other',
    async (path) => {
      const { status, type, body } = await api.get(path);
      expect([status, type]).toEqual([400, 'application/problem+json; charset=utf-8']);
      expect(body).toMatchObject({
        reason: 'invalid',
        detail: expect.stringContaining('expected one that can be read'),
      });
    },
  );

  test('is none where a name is long: it is asked for', async () => {
    const name = encodeURIComponent('дежурство '.repeat(20));
    expect((await api.get(`/api/v1/oncall/schedules/${name}/shifts`)).status).toBe(404);
  });
});
