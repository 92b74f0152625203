import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GettableAlert, GettableSilence } from '../../src/api/v2/schemas.ts';
import { START_MS } from '../notify/scenario.ts';
import { ApiUnderTest } from './api-under-test.ts';

const ALERTING = `
  route:
    receiver: team
    group_by: [alertname]
    routes: [{ receiver: boss, matchers: ['severity="page"'], continue: true }, { receiver: team }]
  receivers: [{ name: team }, { name: boss }]
`;
/** Every alert about the whole site inhibits the others; at night boss sleeps. */
const MUTING = `
  route: { receiver: team, group_by: [alertname], routes: [{ receiver: boss, matchers: ['severity="page"'], mute_time_intervals: [always] }] }
  receivers: [{ name: team }, { name: boss }]
  inhibit_rules: [{ source_matchers: [alertname=Site], target_matchers: [severity=ticket] }]
  time_intervals: [{ name: always, time_intervals: [{ times: [{ start_time: "00:00", end_time: "24:00" }] }] }]
`;
const HOUR_MS = 3_600_000;
const page = { alertname: 'Down', severity: 'page' };
const ticket = { alertname: 'Down', severity: 'ticket' };
const other = { alertname: 'Slow', severity: 'ticket' };

interface Group {
  readonly receiver: { readonly name: string };
  readonly labels: Readonly<Record<string, string>>;
  readonly alerts: readonly GettableAlert[];
}

let api: ApiUnderTest;
beforeEach(async () => {
  api = await ApiUnderTest.start(ALERTING);
});
afterEach(() => api.stop());

const silence = async (startMs: number, endMs: number, value = 'page', name = 'severity') => {
  const body = {
    matchers: [{ name, value, isRegex: false }],
    startsAt: new Date(START_MS + startMs).toISOString(),
    endsAt: new Date(START_MS + endMs).toISOString(),
    createdBy: 'ana',
    comment: 'x',
  };
  return (await api.ask<{ silenceID: string }>('POST', '/api/v2/silences', body)).body.silenceID;
};
const listed = async (query = '') =>
  (await api.get<GettableSilence[]>(`/api/v2/silences${query}`)).body.map(({ id }) => id);

describe('silences', () => {
  test('are listed as Alertmanager lists them: active by end, pending by start, expired last', async () => {
    const expired = await silence(0, 2 * HOUR_MS);
    await api.ask('DELETE', `/api/v2/silence/${expired}`);
    const late = await silence(0, 5 * HOUR_MS);
    const soon = await silence(0, HOUR_MS);
    const ahead = await silence(3 * HOUR_MS, 4 * HOUR_MS);
    const next = await silence(2 * HOUR_MS, 3 * HOUR_MS);
    expect(await listed()).toEqual([soon, late, next, ahead, expired]);
    expect(await listed('?expired=false&pending=false')).toEqual([soon, late]);
    expect(await listed('?active=false&expired=false')).toEqual([next, ahead]);
    expect(await listed('?active=false&pending=false')).toEqual([expired]);
  });

  test('are filtered by the matchers they have', async () => {
    const id = await silence(0, HOUR_MS);
    await silence(0, HOUR_MS, 'Down', 'alertname');
    expect(await listed('?filter=severity%3D%22page%22')).toEqual([id]);
    expect(await listed('?filter=severity%3D%22page%22&filter=alertname%3DDown')).toEqual([]);
    expect(await listed('?filter=severity%3D~%22page%22')).toEqual([]);
    expect((await api.get('/api/v2/silences?filter=%3D')).status).toBe(400);
  });

  test('forgotten ones take their annotations along', async () => {
    const { scenario } = api;
    await api.ask('POST', '/api/v2/silences', {
      matchers: [{ name: 'a', value: 'b', isRegex: false }],
      startsAt: new Date(START_MS).toISOString(),
      endsAt: new Date(START_MS + HOUR_MS).toISOString(),
      createdBy: 'ana',
      comment: 'x',
      annotations: { ticket: 'OPS-1' },
    });
    const count = () => scenario.database.prepare('SELECT count(*) AS n FROM silence_annotations').get()?.['n'];
    api.api.forgetOld(scenario.nowMs);
    expect(count()).toBe(1);
    scenario.nowMs += 200 * HOUR_MS;
    scenario.notifier.silences.forgetOld(scenario.nowMs);
    api.api.forgetOld(scenario.nowMs);
    expect(count()).toBe(0);
  });
});

describe('alerts and groups', () => {
  const alerts = async (query: string) =>
    (await api.get<GettableAlert[]>(`/api/v2/alerts${query}`)).body.map(({ labels }) => labels['severity']);
  const groups = async (query = '') =>
    (await api.get<Group[]>(`/api/v2/alerts/groups${query}`)).body.map(({ receiver, labels, alerts: own }) => [
      receiver.name,
      labels['alertname'],
      own.map((alert) => `${alert.labels['severity']} ${alert.status.state}`).toSorted(),
    ]);

  test('show who is silenced, and leave those out that are not wanted', async () => {
    api.scenario.push([page, ticket]);
    const id = await silence(0, HOUR_MS);
    const { body } = await api.get<GettableAlert[]>('/api/v2/alerts');
    expect(body.find(({ labels }) => labels['severity'] === 'page')?.status).toEqual({
      state: 'suppressed',
      silencedBy: [id],
      inhibitedBy: [],
      mutedBy: [],
    });
    expect(await alerts('?silenced=false')).toEqual(['ticket']);
    expect(await alerts('?active=false')).toEqual(['page']);
    expect(body.map(({ fingerprint }) => fingerprint)).toEqual(body.map(({ fingerprint }) => fingerprint).toSorted());
  });

  test('come in groups of a route and its labels, without resolved ones', async () => {
    api.scenario.push([page, ticket, other]);
    expect(await groups()).toEqual([
      ['boss', 'Down', ['page active']],
      ['team', 'Down', ['page active', 'ticket active']],
      ['team', 'Slow', ['ticket active']],
    ]);
    await silence(0, HOUR_MS);
    expect(await groups('?silenced=false')).toEqual([
      ['team', 'Down', ['ticket active']],
      ['team', 'Slow', ['ticket active']],
    ]);
    expect(await groups('?active=false&receiver=bo.s')).toEqual([['boss', 'Down', ['page suppressed']]]);
    expect(await groups('?filter=alertname%3D~%22S.*%22')).toEqual([['team', 'Slow', ['ticket active']]]);
    api.scenario.push([page, ticket], [other]);
    expect((await groups()).map(([, alertname]) => alertname)).toEqual(['Down', 'Down']);
    expect((await api.get('/api/v2/alerts/groups?receiver=(')).status).toBe(400);
  });

  test('show what inhibits them and which times mute them', async () => {
    await api.stop();
    api = await ApiUnderTest.start(MUTING);
    api.scenario.push([page, ticket, { alertname: 'Site' }]);
    const { body } = await api.get<GettableAlert[]>('/api/v2/alerts');
    const status = (severity: string | undefined) => body.find((one) => one.labels['severity'] === severity)?.status;
    const site = body.find((one) => one.labels['alertname'] === 'Site')?.fingerprint;
    expect(status('ticket')).toMatchObject({ state: 'suppressed', inhibitedBy: [site] });
    expect(status('page')).toMatchObject({ state: 'suppressed', mutedBy: ['always'], inhibitedBy: [] });
    expect(await alerts('?inhibited=false')).toHaveLength(2);
    expect(await alerts('?active=false')).toHaveLength(2);
    expect((await groups()).map(([receiver]) => receiver)).toContain('boss');
    expect((await groups('?muted=false')).map(([receiver]) => receiver)).not.toContain('boss');
  });
});
