import { expect, test } from 'vitest';
import { available, type Part, unavailable } from '../../src/part.ts';
import { createStatusSource } from '../../src/status/source.ts';
import { type Post, readPosts } from '../../src/status/posts.ts';
import { readNewPost } from '../../src/status/read-form.ts';
import { post, verdictRow } from './status-facts.ts';

const log = { error: () => undefined };

/** A source whose loads are counted, and wait until they are let go. */
function build(answers: { readonly up?: () => boolean } = {}) {
  const loads: { readonly atMs: number; readonly end: () => void }[] = [];
  const source = createStatusSource(
    {
      async rows(nowMs) {
        const { promise, resolve } = Promise.withResolvers<void>();
        loads.push({ atMs: nowMs, end: resolve });
        await promise;
        if (answers.up?.() === false) return unavailable('timeout', 'late');
        return available([verdictRow('shop', `at ${nowMs}`)]);
      },
      posts: () => Promise.resolve(available([])),
    },
    log,
  );
  return { source, loads, states: async (nowMs: number) => (await source.read(nowMs)).rows.map(({ state }) => state) };
}
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('while a newer snapshot is on its way readers get the last one, if it is not too old', async () => {
  const { states, loads } = build();
  const first = states(0);
  loads[0]?.end();
  expect(await first).toEqual(['at 0']);
  expect(await states(10_000)).toEqual(['at 0']);
  expect(await states(19_999)).toEqual(['at 0']);
  expect(loads.map(({ atMs }) => atMs)).toEqual([0, 10_000]);
  loads[1]?.end();
  await settle();
  expect(await states(19_999)).toEqual(['at 10000']);
});

test('after a time without readers the first waits for what is new', async () => {
  const { states, loads } = build();
  const first = states(0);
  loads[0]?.end();
  await first;
  const late = states(3_600_000);
  await settle();
  loads[1]?.end();
  expect(await late).toEqual(['at 3600000']);
});

test('what fails is tried again after ten seconds, not by every reader', async () => {
  let isUp = true;
  const { source, loads } = build({ up: () => isUp });
  const first = source.read(0);
  loads[0]?.end();
  await first;
  isUp = false;
  void source.read(10_000);
  loads[1]?.end();
  await settle();
  for (let atMs = 10_000; atMs < 20_000; atMs += 500)
    expect(await source.read(atMs)).toMatchObject({ dataAtMs: 0, atMs: 10_000, rows: [{ state: 'at 0' }] });
  expect(loads).toHaveLength(2);
});

test('a clock that is set back stops nothing', async () => {
  const { states, loads } = build();
  const first = states(1_000_000);
  loads[0]?.end();
  await first;
  const back = states(5_000);
  await settle();
  loads[1]?.end();
  expect(await back).toEqual(['at 5000']);
});

test('what was forgotten is not shown again, also where a load had begun before', async () => {
  const { source, states, loads } = build();
  const first = states(0);
  source.forget();
  const second = states(1);
  loads[0]?.end();
  expect(await first).toEqual(['at 0']);
  await settle();
  await settle();
  loads[1]?.end();
  expect(await second).toEqual(['at 1']);
});

test('what was just written is shown without asking ClickHouse, and an older list that comes late does not undo it', async () => {
  const lists: PromiseWithResolvers<Part<readonly Post[]>>[] = [];
  const source = createStatusSource(
    {
      rows: () => Promise.resolve(available([])),
      posts() {
        const list = Promise.withResolvers<Part<readonly Post[]>>();
        lists.push(list);
        return list.promise;
      },
    },
    log,
  );
  const first = source.read(0);
  lists[0]?.resolve(available([]));
  await first;
  void source.read(10_000);
  const written = source.reloadPosts(10_001);
  lists[2]?.resolve(available([post()]));
  await written;
  expect((await source.read(10_002)).posts).toHaveLength(1);
  lists[1]?.resolve(available([]));
  await settle();
  expect(await source.read(10_003)).toMatchObject({
    atMs: 10_000,
    postsAtMs: 10_001,
    posts: [{ title: 'Payments fail' }],
  });
});

test.each([undefined, [], { posts: [{}] }, { posts: [{ id: 'a', monitors: [], updates: [{}] }] }])(
  'an answer like %j is no list of posts',
  (value) => {
    expect(readPosts(value)).toBeUndefined();
  },
);

test('a time that the change to summer time leaves out is read as it moves on', () => {
  const form = new URLSearchParams({
    kind: 'maintenance',
    title: 'a',
    text: 'b',
    starts: '2026-03-29T02:30',
    ends: '2026-03-29T04:00',
  });
  expect(readNewPost(form, 'Europe/Berlin')).toMatchObject({
    post: { startsAt: '2026-03-29T01:30:00Z', endsAt: '2026-03-29T02:00:00Z' },
  });
});
