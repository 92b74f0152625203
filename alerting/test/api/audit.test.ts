import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAuditLog } from '../../src/api/audit/audit-log.ts';
import { defineEndpoint } from '../../src/api/framework/endpoint.ts';
import { openDatabase } from '../../src/store/database.ts';
import { START_MS } from '../notify/scenario.ts';
import { ApiUnderTest, INTERNAL_KEY, TOKENS, tokens } from './api-under-test.ts';

let api: ApiUnderTest;
beforeEach(async () => {
  api = await ApiUnderTest.start(tokens(), {
    more: ['sync', 'later'].map((when) =>
      defineEndpoint({
        method: 'POST',
        path: `/api/v1/fail-${when}`,
        tag: 'test',
        summary: 'Writes, then fails.',
        role: 'responder',
        action: `test.${when}`,
        handle() {
          api.scenario.database.prepare("INSERT INTO silence_annotations VALUES ('x', '{}')").run();
          if (when === 'sync') throw new Error('no secret here');
          return Promise.reject(new Error('later'));
        },
      }),
    ),
  });
});
afterEach(() => api.stop());

interface Entry {
  readonly id: number;
  readonly action: string;
  readonly actor: string;
  readonly target: string;
  readonly outcome: string;
  readonly note: string;
}
const entries = async (query = '') => {
  api.token = TOKENS.admin;
  return (await api.get<{ entries: Entry[] }>(`/api/v1/audit${query}`)).body.entries;
};
const at = (seconds: number): string => new Date(START_MS + seconds * 1_000).toISOString();
const silence = (more: object = {}) =>
  api.ask<{ silenceID: string }>('POST', '/api/v2/silences', {
    matchers: [{ name: 'a', value: 'b', isRegex: false }],
    startsAt: at(0),
    endsAt: at(60),
    createdBy: 'ana',
    comment: 'x',
    ...more,
  });

test('who did what to what, and what came of it, the newest first', async () => {
  api.token = TOKENS.responder;
  const { silenceID: id } = (await silence()).body;
  api.token = INTERNAL_KEY;
  await api.ask('DELETE', `/api/v2/silence/${id}`);
  await silence({ endsAt: at(-60) });
  await silence({ comment: 7 });
  api.token = TOKENS.viewer;
  await silence();
  api.token = undefined;
  await silence();
  const all = await entries();
  expect(all).toMatchObject([
    {
      actor: 'viewer-token',
      role: 'viewer',
      action: 'silence.save',
      outcome: 'refused',
      note: expect.stringContaining('role responder'),
    },
    { actor: 'tocsin', outcome: 'refused', target: '', note: 'comment in body: expected text, found a number' },
    { actor: 'tocsin', outcome: 'refused', note: 'expected an end after the start' },
    { actor: 'tocsin', role: 'responder', action: 'silence.expire', target: id, outcome: 'ok', at: at(0) },
    { actor: 'responder-token', target: id, outcome: 'ok', note: `a="b" until ${at(60)}, by ana` },
  ]);
  expect(await entries(`?target=${id}`)).toHaveLength(2);
  expect(await entries('?actor=tocsin&action=silence.expire')).toHaveLength(1);
  const [first] = all;
  expect((await entries(`?before=${first!.id}&limit=2`)).map(({ id: own }) => own)).toEqual([
    first!.id - 1,
    first!.id - 2,
  ]);
});

test('an action that fails is undone, recorded as failed, and answered without details', async () => {
  api.token = TOKENS.responder;
  expect(await api.ask('POST', '/api/v1/fail-sync')).toMatchObject({
    status: 500,
    body: { reason: 'failed', detail: 'an error of ours; the log has it' },
  });
  expect(api.scenario.database.prepare('SELECT count(*) AS n FROM silence_annotations').get()).toEqual({ n: 0 });
  expect((await api.ask('POST', '/api/v1/fail-later')).status).toBe(500);
  expect(await entries()).toMatchObject([
    { action: 'test.later', outcome: 'failed' },
    { action: 'test.sync', outcome: 'failed' },
  ]);
});

test('an action that cannot be recorded is not done', async () => {
  api.token = TOKENS.responder;
  api.scenario.database.prepare('ALTER TABLE audit_log RENAME TO away').run();
  expect((await silence()).status).toBe(500);
  api.scenario.database.prepare('ALTER TABLE away RENAME TO audit_log').run();
  expect(api.scenario.notifier.silences.list()).toEqual([]);
});

test('the log is bounded in time and number, and so are its texts', () => {
  const database = openDatabase(':memory:');
  const audit = createAuditLog(database, 3);
  const entry = {
    actor: 'a',
    role: 'admin',
    action: 'x.y',
    target: '',
    outcome: 'ok',
    note: 'n'.repeat(2_000),
  } as const;
  for (let day = 0; day < 5; day += 1) audit.record({ ...entry, atMs: START_MS + day * 86_400_000 });
  expect(audit.forgetOld(START_MS)).toBe(2);
  expect(audit.list({ limit: 10 }).map(({ id }) => id)).toEqual([5, 4, 3]);
  expect(audit.list({ limit: 1 })[0]?.note).toHaveLength(500);
  expect(audit.forgetOld(START_MS + 93 * 86_400_000 + 1)).toBe(2);
  database.close();
});
