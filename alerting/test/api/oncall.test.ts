import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DOWN, shown, USUAL } from '../oncall/desk-scenario.ts';
import { ApiUnderTest, TOKENS, tokens } from './api-under-test.ts';

let api: ApiUnderTest;
beforeEach(async () => {
  api = await ApiUnderTest.start(tokens() + USUAL);
  api.token = TOKENS.responder;
  api.scenario.push([DOWN]);
  await api.scenario.until('2s');
});
afterEach(() => api.stop());

describe('incidents', () => {
  test('are listed, and shown with their timeline and who was told by what', async () => {
    const list = await api.get<{ incidents: object[] }>('/api/v1/incidents');
    expect(list.body.incidents).toMatchObject([
      {
        id: 'i1',
        status: 'active',
        severity: 'page',
        alertCount: 1,
        nextStep: 2,
        nextStepAt: '2026-11-20T10:05:01.000Z',
      },
    ]);
    expect((await api.get<{ incidents: object[] }>('/api/v1/incidents?status=resolved')).body.incidents).toEqual([]);
    const { body } = await api.get('/api/v1/incidents/i1');
    expect(body).toMatchObject({
      alerts: [{ labels: DOWN }],
      timeline: [
        { kind: 'fired', at: '2026-11-20T10:00:01.000Z' },
        { kind: 'asked', text: 'step 1 of 2: ana (on call for primary) by ana-phone (slack).' },
        { kind: 'delivered', text: 'ana by ana-phone (slack).' },
      ],
      told: [{ kind: 'user', name: 'ana', channel: 'ana-phone/slack/0', state: 'delivered' }],
    });
    expect(await api.get('/api/v1/incidents/i9')).toMatchObject({ status: 404 });
  });

  test('are acknowledged and given back by the name of the token', async () => {
    const path = '/api/v1/incidents/i1';
    expect(await api.ask('POST', `${path}/acknowledge`)).toMatchObject({
      status: 200,
      body: { status: 'acknowledged', acknowledgedBy: 'responder-token' },
    });
    expect(shown(await api.scenario.until('6m'))).toEqual(['2s ana-phone [ACKNOWLEDGED] Down (shop)']);
    expect(await api.ask('POST', `${path}/unacknowledge`)).toMatchObject({ status: 200, body: { status: 'active' } });
    expect(await api.ask('POST', `${path}/unacknowledge`)).toMatchObject({ status: 200, body: { status: 'active' } });
    await api.ask('POST', `${path}/notes`, { text: 'it is the disk' });
    api.scenario.push([], [DOWN]);
    await api.scenario.until('9m');
    expect(await api.ask('POST', `${path}/acknowledge`)).toMatchObject({ status: 409, body: { reason: 'conflict' } });
    const { body } = await api.get<{ timeline: { kind: string; actor: string }[] }>(path);
    expect(body.timeline.filter(({ actor }) => actor !== '').map(({ kind, actor }) => `${kind} ${actor}`)).toEqual([
      'acknowledged responder-token',
      'unacknowledged responder-token',
      'note responder-token',
    ]);
    expect(await api.get('/api/v1/oncall/mean-times')).toMatchObject({
      body: { incidents: 1, acknowledged: 1, resolved: 1, meanToAcknowledgeMs: 1_000 },
    });
  });
});

describe('on-call', () => {
  test('says who is, who is next, and when nobody is', async () => {
    expect(await api.get('/api/v1/oncall/now')).toMatchObject({
      body: {
        schedules: [
          { schedule: 'primary', now: { user: 'ana', end: '2026-11-23T09:00:00.000Z' }, next: { user: 'ben' } },
          { schedule: 'nights', now: null, next: { user: 'ana', start: '2026-11-20T22:00:00.000Z' } },
        ],
      },
    });
    const { body } = await api.get<{ schedules: { described: string[] }[] }>('/api/v1/oncall/gaps');
    expect(body.schedules[1]?.described[0]).toBe('now, until Friday 2026-11-20 22:00');
    const shifts = await api.get<{ shifts: object[] }>('/api/v1/oncall/schedules/primary/shifts');
    expect(shifts.body.shifts).toHaveLength(5);
    const long = '/api/v1/oncall/schedules/primary/shifts?to=2036-01-01T00:00:00Z';
    expect(await api.get(long)).toMatchObject({ status: 422 });
    expect(await api.get('/api/v1/oncall/schedules/other/shifts')).toMatchObject({ status: 404 });
  });

  test('is changed by overrides and swaps, and calendars have them', async () => {
    const wanted = { schedule: 'primary', user: 'ben', start: '2026-11-20T12:00:00Z', end: '2026-11-20T14:00:00Z' };
    const made = await api.ask<{ id: string }>('POST', '/api/v1/oncall/overrides', wanted);
    expect(made).toMatchObject({ status: 201, body: { user: 'ben', createdBy: 'responder-token' } });
    const calendar = await api.get<string>('/api/v1/oncall/schedules/primary/calendar.ics');
    expect(calendar.type).toBe('text/calendar; charset=utf-8');
    expect(calendar.body).toContain('DTSTART:20261120T120000Z');
    expect(await api.ask('DELETE', `/api/v1/oncall/overrides/${made.body.id}`)).toMatchObject({ status: 200 });
    expect(await api.ask('DELETE', `/api/v1/oncall/overrides/${made.body.id}`)).toMatchObject({ status: 404 });
    expect(await api.ask('POST', '/api/v1/oncall/overrides', { ...wanted, user: 'carl' })).toMatchObject({
      status: 404,
      body: { detail: expect.stringContaining('found carl') as string },
    });
    const swap = { schedule: 'primary', first: '2026-11-21T00:00:00Z', second: '2026-11-25T00:00:00Z' };
    expect(await api.ask('POST', '/api/v1/oncall/swaps', swap)).toMatchObject({
      status: 201,
      body: { overrides: [{ user: 'ben' }, { user: 'ana' }] },
    });
    expect(await api.ask('POST', '/api/v1/oncall/swaps', { ...swap, second: swap.first })).toMatchObject({
      status: 422,
    });
    expect((await api.get<{ overrides: object[] }>('/api/v1/oncall/overrides')).body.overrides).toHaveLength(2);
    expect((await api.get<string>('/api/v1/oncall/users/ben/calendar.ics')).body).toContain('CATEGORIES:OVERRIDE');
  });
});
