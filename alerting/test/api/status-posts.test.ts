import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { START_MS } from '../notify/scenario.ts';
import { ApiUnderTest, TOKENS, tokens } from './api-under-test.ts';

const CONFIG = `
${tokens()}
  route: { receiver: team }
  receivers: [{ name: team }]
monitors:
  - { name: pay, http: 'http://pay.test/' }
  - { name: inner, http: 'http://inner.test/' }
status_page: { monitors: [pay] }
`;
const PATH = '/api/v1/status-posts';
const OUTAGE = {
  kind: 'incident',
  title: 'Payments fail',
  text: 'We look into it.',
  monitors: ['pay'],
  impact: 'down',
};
const MOVE = {
  kind: 'maintenance',
  title: 'We move',
  text: 'An hour.',
  startsAt: '2026-11-22T02:00:00Z',
  endsAt: '2026-11-22T03:00:00Z',
};
interface Shown {
  readonly id: string;
  readonly title: string;
}

let api: ApiUnderTest;
beforeEach(async () => {
  api = await ApiUnderTest.start(CONFIG);
  api.token = TOKENS.responder;
});
afterEach(() => api.stop());

const create = async (body: object): Promise<string> => {
  const answered = await api.ask<Shown>('POST', PATH, body);
  expect(answered.status).toBe(201);
  return answered.body.id;
};
const titles = async (query = ''): Promise<string[]> =>
  (await api.get<{ posts: Shown[] }>(`${PATH}${query}`)).body.posts.map(({ title }) => title);

describe('what is written for the status page', () => {
  test('an incident is told, followed up, resolved, and kept', async () => {
    const id = await create(OUTAGE);
    await api.scenario.until('10m');
    await api.ask('POST', `${PATH}/${id}/updates`, { status: 'resolved', text: 'The disk is replaced.' });
    expect((await api.get(`${PATH}/${id}`)).body).toMatchObject({
      kind: 'incident',
      monitors: ['pay'],
      impact: 'down',
      status: 'resolved',
      startsAt: new Date(START_MS).toISOString(),
      endsAt: null,
      endedAt: new Date(START_MS + 600_000).toISOString(),
      createdBy: 'responder-token',
      updates: [
        { status: 'investigating', text: 'We look into it.', actor: 'responder-token' },
        { status: 'resolved', text: 'The disk is replaced.', at: new Date(START_MS + 600_000).toISOString() },
      ],
    });
  });

  test('maintenance has a time, and both are listed with the latest start first', async () => {
    await create(OUTAGE);
    await create(MOVE);
    expect(await titles()).toEqual(['We move', 'Payments fail']);
    expect(await titles('?kind=incident')).toEqual(['Payments fail']);
  });

  test('what is over is listed for as many days as are asked for', async () => {
    const id = await create(OUTAGE);
    await api.ask('POST', `${PATH}/${id}/updates`, { status: 'resolved', text: 'Good.' });
    expect(await titles('?days=0')).toEqual([]);
    expect(await titles('?days=1')).toEqual(['Payments fail']);
    await api.ask('POST', `${PATH}/${id}/updates`, { status: 'investigating', text: 'It is back.' });
    expect(await titles('?days=0')).toEqual(['Payments fail']);
  });

  test.each([
    ['a monitor that is not on the page', { ...OUTAGE, monitors: ['inner'] }, 'monitors of the status page'],
    ['an incident of tomorrow', { ...OUTAGE, startsAt: '2026-11-22T02:00:00Z' }, 'that has begun'],
    ['an end before the start', { ...MOVE, endsAt: '2026-11-22T01:00:00Z' }, 'an end after the start'],
    ['maintenance of half a year', { ...MOVE, endsAt: '2027-05-22T01:00:00Z' }, 'at most 90 days'],
    ['a start in ten years', { ...MOVE, startsAt: '2036-05-22T01:00:00Z' }, 'within a year'],
  ])('%s is refused in words', async (_what, body, words) => {
    const answered = await api.ask<{ detail: string }>('POST', PATH, body);
    expect(answered.status).toBe(422);
    expect(answered.body.detail).toContain(words);
    expect(await titles()).toEqual([]);
  });

  test('an update of the other kind, a change to a hidden monitor, an id that is none: refused', async () => {
    const id = await create(OUTAGE);
    const status = async (method: string, path: string, body?: unknown) =>
      (await api.ask(method, `${PATH}/${path}`, body)).status;
    expect(await status('POST', `${id}/updates`, { status: 'scheduled', text: 'x' })).toBe(422);
    expect(await status('PATCH', id, { monitors: ['inner'] })).toBe(422);
    expect(await status('PATCH', id, { endsAt: MOVE.endsAt })).toBe(422);
    expect(await status('PATCH', 'nothing', { title: 'x' })).toBe(404);
    expect(await status('POST', 'nothing/updates', { status: 'resolved', text: 'x' })).toBe(404);
    expect(await status('DELETE', 'nothing')).toBe(404);
  });

  test('title and times are changed, updates stay, and it is deleted', async () => {
    const id = await create(MOVE);
    const changed = await api.ask('PATCH', `${PATH}/${id}`, { title: 'We move later', endsAt: '2026-11-22T05:00:00Z' });
    expect(changed.body).toMatchObject({
      title: 'We move later',
      startsAt: '2026-11-22T02:00:00.000Z',
      endsAt: '2026-11-22T05:00:00.000Z',
      updates: [{ text: 'An hour.' }],
    });
    expect((await api.ask('DELETE', `${PATH}/${id}`)).status).toBe(200);
    expect(await titles()).toEqual([]);
    expect(api.scenario.database.prepare('SELECT count(*) AS n FROM status_post_updates').get()).toEqual({ n: 0 });
  });

  test('it takes a responder, and each change is in the audit log', async () => {
    const id = await create(OUTAGE);
    await api.ask('POST', `${PATH}/${id}/updates`, { status: 'resolved', text: 'Good.' });
    api.token = TOKENS.viewer;
    expect((await api.ask('POST', PATH, OUTAGE)).status).toBe(403);
    expect((await api.ask('DELETE', `${PATH}/${id}`)).status).toBe(403);
    expect(await titles()).toEqual(['Payments fail']);
    api.token = TOKENS.admin;
    const { body } = await api.get<{ entries: { action: string; target: string; note: string }[] }>(
      `/api/v1/audit?target=${id}`,
    );
    expect(body.entries.map(({ action, note }) => `${action} ${note}`)).toEqual([
      'status_post.update incident, resolved: Payments fail',
      'status_post.create incident, investigating: Payments fail',
    ]);
  });

  test('a hundred that are not over are enough, and two hundred updates of one', async () => {
    const id = await create(OUTAGE);
    for (let index = 1; index < 100; index += 1) await create(OUTAGE);
    expect((await api.ask('POST', PATH, OUTAGE)).status).toBe(429);
    const update = { status: 'resolved', text: 'Good.' };
    for (let index = 1; index < 200; index += 1) await api.ask('POST', `${PATH}/${id}/updates`, update);
    expect((await api.ask('POST', `${PATH}/${id}/updates`, update)).status).toBe(429);
    expect((await api.ask('POST', PATH, OUTAGE)).status).toBe(201);
  });

  test('what has been over for two years is forgotten', async () => {
    const id = await create(OUTAGE);
    await create(MOVE);
    await api.ask('POST', `${PATH}/${id}/updates`, { status: 'resolved', text: 'Good.' });
    api.api.forgetOld(START_MS + 729 * 86_400_000);
    expect(await titles()).toEqual(['We move', 'Payments fail']);
    api.api.forgetOld(START_MS + 731 * 86_400_000);
    expect(await titles()).toEqual(['We move']);
  });
});
