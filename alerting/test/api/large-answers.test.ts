import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { MAX_LARGE } from '../../src/api/framework/routes.ts';
import { ApiUnderTest } from './api-under-test.ts';

const ALERTING = `
  route: { receiver: team, group_by: [cluster], group_wait: 0s, routes: [{ receiver: boss, matchers: [cluster="c1"] }] }
  receivers: [{ name: team }, { name: boss }]
`;
const alerts = (count: number) =>
  Array.from({ length: count }, (_, at) => ({
    alertname: 'Down',
    cluster: `c${at % 3}`,
    host: `h${at}`,
    pad: 'x'.repeat(200),
  }));

let api: ApiUnderTest;
afterEach(() => api.stop());
const begin = async (count: number): Promise<void> => {
  api = await ApiUnderTest.start(ALERTING);
  api.scenario.push(alerts(count));
  await api.scenario.tick();
};

interface Shown {
  readonly fingerprint: string;
  readonly labels: Readonly<Record<string, string>>;
}

describe('a large answer', () => {
  test('has every alert once, in order, whatever the page it was on', async () => {
    await begin(1_050);
    const { body, headers } = await api.get<Shown[]>('/api/v2/alerts');
    expect(headers.get('content-type')).toBe('application/json');
    expect(new Set(body.map(({ labels }) => labels['host'])).size).toBe(1_050);
    const order = body.map(({ fingerprint }) => fingerprint);
    expect(order).toEqual(order.toSorted());
    const some = await api.get<Shown[]>('/api/v2/alerts?filter=cluster="c1"&receiver=boss');
    expect(some.body).toHaveLength(350);
    expect((await api.get('/api/v2/alerts?filter=host="none"')).body).toEqual([]);
  });

  test('has every group, in the order of receivers, with every member', async () => {
    await begin(1_050);
    type Group = { readonly receiver: { name: string }; readonly labels: object; readonly alerts: Shown[] };
    const { body } = await api.get<Group[]>('/api/v2/alerts/groups');
    expect(body.map(({ receiver, labels, alerts: shown }) => [receiver.name, labels, shown.length])).toEqual([
      ['boss', { cluster: 'c1' }, 350],
      ['team', { cluster: 'c0' }, 350],
      ['team', { cluster: 'c2' }, 350],
    ]);
    const some = await api.get<Group[]>('/api/v2/alerts/groups?filter=host="h4"');
    expect(some.body.map(({ alerts: shown }) => shown.length)).toEqual([1]);
    expect((await api.get('/api/v2/alerts/groups?filter=host="none"')).body).toEqual([]);
  });

  test.each(['/api/v2/alerts', '/api/v2/alerts/groups'])(
    'of %s lets other work have its turn, page by page',
    async (path) => {
      await begin(3_000);
      let turns = 0;
      let isDone = false;
      const count = async (): Promise<void> => {
        for (; !isDone; turns += 1) await nextTurn();
      };
      const counting = count();
      const { pieces, bytes } = await read(`${api.url}${path}`);
      isDone = true;
      await counting;
      expect(pieces).toBeGreaterThanOrEqual(15);
      expect(turns).toBeGreaterThanOrEqual(15);
      expect(bytes).toBeGreaterThan(1_000_000);
    },
  );

  test('that is one too many is refused with the time to come back, until another has gone out', async () => {
    await begin(20_000);
    const enough = new AbortController();
    const open = await Promise.all(
      Array.from({ length: MAX_LARGE }, () => fetch(`${api.url}/api/v2/alerts`, { signal: enough.signal })),
    );
    expect(open.map(({ status }) => status)).toEqual(Array.from({ length: MAX_LARGE }, () => 200));
    const refused = await api.get('/api/v2/alerts/groups');
    expect(refused).toMatchObject({ status: 503, body: expect.stringContaining('expected at most 8 large answers') });
    expect(refused.headers.get('retry-after')).toBe('2');
    expect((await api.get('/api/v2/receivers')).status).toBe(200);
    // One is read to its end, and leaves its place to the next.
    expect((await open[0]!.json()) as unknown[]).toHaveLength(20_000);
    expect((await api.get('/api/v2/silences')).status).toBe(200);
    // Those who go away leave theirs as well.
    enough.abort();
    for (let status = 503; status === 503;) {
      const answers = await Promise.all(Array.from({ length: MAX_LARGE }, () => api.get('/api/v2/silences')));
      status = Math.max(...answers.map((answer) => answer.status));
    }
  }, 60_000);
});

async function read(url: string): Promise<{ pieces: number; bytes: number }> {
  const response = await fetch(url);
  let pieces = 0;
  let bytes = 0;
  for await (const piece of response.body ?? []) {
    pieces += 1;
    bytes += (piece as Uint8Array).byteLength;
  }
  return { pieces, bytes };
}
