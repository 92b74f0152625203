import { hash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { START_MS } from '../notify/scenario.ts';
import { ApiUnderTest } from './api-under-test.ts';

/*
 * What amtool 0.34 and Prometheus 3 send, written down from their runs against this API; only times and ids are the test's.
 */

const AMTOOL = {
  'user-agent': 'Go-http-client/1.1',
  accept: 'application/json',
  authorization: `Basic ${Buffer.from('anybody:tocsin_ops').toString('base64')}`,
};
const PROMETHEUS = { 'user-agent': 'Prometheus/3.0.0', authorization: 'Bearer tocsin_prometheus' };

const ALERTING = `
  api:
    auth: required
    tokens:
      - { name: ops, role: responder, sha256: ${hash('sha256', 'tocsin_ops')} }
      - { name: prometheus, role: sender, sha256: ${hash('sha256', 'tocsin_prometheus')} }
  route: { receiver: team, group_by: [alertname], routes: [{ receiver: boss, matchers: ['severity="page"'], mute_time_intervals: [night] }] }
  inhibit_rules: [{ source_matchers: ['severity="page"'], target_matchers: ['severity="ticket"'], equal: [alertname] }]
  time_intervals:
    - name: night
      time_intervals:
        - { times: [{ start_time: "22:05", end_time: "24:00" }], weekdays: ["monday:friday", sunday], days_of_month: ["1:5", "-1"], months: ["1:3"], years: ["2026"], location: Europe/Berlin }
  receivers:
    - name: team
      email_configs: [{ to: a@example.com, from: t@example.com, smarthost: "mail.example.com:587", auth_username: u, auth_password: hush }]
    - name: boss
      slack_configs: [{ api_url: "http://127.0.0.1:1/services/hush", channel: "#ops" }]
`;
const at = (seconds: number): string => new Date(START_MS + seconds * 1_000).toISOString();

let api: ApiUnderTest;
beforeEach(async () => {
  api = await ApiUnderTest.start(ALERTING);
});
afterEach(() => api.stop());

const amtool = (method: string, path: string, body?: string) => api.ask(method, path, body, AMTOOL);

test('amtool alert add, without and with times, and alert query', async () => {
  const disk = '{"alertname":"Disk","severity":"page"}';
  const zero = '0001-01-01T00:00:00.000Z';
  const added = `[{"annotations":{"summary":"full"},"endsAt":"${zero}","startsAt":"${zero}","labels":${disk}}]\n`;
  expect(await amtool('POST', '/api/v2/alerts', added)).toMatchObject({ status: 200, body: '' });
  const all = '/api/v2/alerts?active=true&filter=severity%3Dpage&inhibited=false&silenced=false&unprocessed=false';
  expect(await amtool('GET', all)).toMatchObject({
    status: 200,
    body: [{ labels: { alertname: 'Disk' }, startsAt: at(0), endsAt: at(300), receivers: [{ name: 'boss' }] }],
  });
  const suppressed = '/api/v2/alerts?active=false&inhibited=true&receiver=boss&silenced=true&unprocessed=true';
  expect(await amtool('GET', suppressed)).toMatchObject({ status: 200, body: [] });
  await amtool('POST', '/api/v2/alerts', `[{"endsAt":"${at(0)}","startsAt":"${at(-60)}","labels":${disk}}]\n`);
  expect(await amtool('GET', all)).toMatchObject({ body: [] });
});

test('amtool silence add, query, update, expire and import', async () => {
  const matchers =
    '[{"isEqual":true,"isRegex":false,"name":"severity","value":"page"},{"isEqual":true,"isRegex":true,"name":"env","value":"a|b"},{"isEqual":false,"isRegex":false,"name":"x","value":"y"}]';
  const post = (id: string | undefined, comment: string, endsAt: string, startsAt = at(0)) =>
    amtool(
      'POST',
      '/api/v2/silences',
      `{${id === undefined ? '' : `"id":"${id}",`}"annotations":{"ticket":"OPS-1"},"comment":"${comment}","createdBy":"ana","endsAt":"${endsAt}","matchers":${matchers},"startsAt":"${startsAt}"}\n`,
    );
  const added = await post(undefined, 'move', at(3_600));
  const { silenceID: id } = added.body as { silenceID: string };
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  const silence = {
    id,
    status: { state: 'active' },
    annotations: { ticket: 'OPS-1' },
    matchers: JSON.parse(matchers) as object[],
    createdBy: 'ana',
    comment: 'move',
    startsAt: at(0),
    endsAt: at(3_600),
    updatedAt: at(0),
  };
  expect((await amtool('GET', '/api/v2/silences?filter=severity%3Dpage')).body).toEqual([silence]);
  expect((await amtool('GET', '/api/v2/silences?filter=severity%3D~page')).body).toEqual([]);
  expect((await amtool('GET', `/api/v2/silence/${id}`)).body).toEqual(silence);
  api.scenario.nowMs += 60_000;
  expect((await post(id, 'longer', at(7_200))).body).toEqual({ silenceID: id });
  expect((await amtool('GET', `/api/v2/silence/${id}`)).body).toMatchObject({ comment: 'longer', endsAt: at(7_200) });
  expect(await amtool('DELETE', `/api/v2/silence/${id}`)).toMatchObject({ status: 200, body: '' });
  expect(await amtool('DELETE', `/api/v2/silence/${id}`)).toMatchObject({ status: 200, body: '' });
  const imported = await post(id, 'move', at(3_600));
  expect(imported.body).not.toEqual({ silenceID: id });
  const { silenceID: again } = imported.body as { silenceID: string };
  expect((await amtool('GET', '/api/v2/silences')).body).toMatchObject([
    { id: again, status: { state: 'active' } },
    { id, status: { state: 'expired' } },
  ]);
});

test('amtool silence expire of an unknown id, and silences that cannot be', async () => {
  const unknown = '00000000-0000-4000-8000-000000000000';
  expect(await amtool('DELETE', `/api/v2/silence/${unknown}`)).toMatchObject({ status: 404, type: null, body: '' });
  expect(await amtool('GET', `/api/v2/silence/${unknown}`)).toMatchObject({ status: 404, type: null, body: '' });
  const silence = (more: object) =>
    amtool(
      'POST',
      '/api/v2/silences',
      JSON.stringify({
        matchers: [{ name: 'a', value: 'b', isRegex: false }],
        startsAt: at(0),
        endsAt: at(60),
        createdBy: 'ana',
        comment: 'x',
        ...more,
      }),
    );
  expect(await silence({ id: unknown })).toMatchObject({ status: 404, body: expect.stringContaining(unknown) });
  expect(await silence({ endsAt: at(-1), startsAt: at(-2) })).toMatchObject({
    status: 400,
    body: 'expected an end in the future',
  });
  expect(await silence({ endsAt: at(0) })).toMatchObject({ status: 400, body: 'expected an end after the start' });
  const everything = [{ name: 'a', value: '.*', isRegex: true }];
  expect(await silence({ matchers: everything })).toMatchObject({
    status: 400,
    body: 'expected at least one matcher that does not match an empty value',
  });
  const broken = [{ name: 'a', value: '(', isRegex: true }];
  expect(await silence({ matchers: broken })).toMatchObject({ status: 400, body: expect.stringContaining('RE2') });
});

test('amtool cluster show and config routes test read the status', async () => {
  const { body } = await amtool('GET', '/api/v2/status');
  expect(body).toMatchObject({ cluster: { status: 'disabled', peers: [] } });
  const { original } = (body as { config: { original: string } }).config;
  expect(original).not.toContain('hush');
  // Alertmanager refuses an e-mail without a smarthost, and a Slack URL other than a URL or `<secret>`.
  expect(parse(original)).toMatchObject({
    route: { receiver: 'team', routes: [{ receiver: 'boss', mute_time_intervals: ['night'] }] },
    inhibit_rules: [
      { source_matchers: ['severity="page"'], target_matchers: ['severity="ticket"'], equal: ['alertname'] },
    ],
    time_intervals: [
      {
        name: 'night',
        time_intervals: [
          {
            times: [{ start_time: '22:05', end_time: '24:00' }],
            weekdays: ['monday:friday', 'sunday'],
            days_of_month: ['1:5', '-1'],
            months: ['1:3'],
            years: ['2026'],
            location: 'Europe/Berlin',
          },
        ],
      },
    ],
    receivers: [
      { email_configs: [{ smarthost: 'mail.example.com:587' }] },
      { slack_configs: [{ api_url: '<secret>' }] },
    ],
  });
});

test('Prometheus pushes with a bearer token, and may do nothing else', async () => {
  const body = `[{"annotations":{"summary":"value 1"},"endsAt":"${at(240)}","startsAt":"${at(0)}","generatorURL":"http://vm:9196/graph?g0.expr=vector%281%29\\u0026g0.tab=1","labels":{"alertname":"Always","dotted.name":"x","env":"a","severity":"page"}}]`;
  expect(await api.ask('POST', '/api/v2/alerts', body, PROMETHEUS)).toMatchObject({ status: 200, body: '' });
  expect((await amtool('GET', '/api/v2/alerts')).body).toMatchObject([
    {
      labels: { 'dotted.name': 'x' },
      endsAt: at(240),
      generatorURL: 'http://vm:9196/graph?g0.expr=vector%281%29&g0.tab=1',
    },
  ]);
  expect(await api.ask('GET', '/api/v2/alerts', undefined, PROMETHEUS)).toMatchObject({ status: 403 });
});
