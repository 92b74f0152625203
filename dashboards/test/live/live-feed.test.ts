import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLiveFeed, type Listener } from '../../src/live/live-feed.ts';
import type { Overview } from '../../src/overview/overview-types.ts';
import { emptyOverview } from '../fixtures.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

class ListenerStandIn implements Listener {
  readonly heard: string[] = [];
  hasRoom = true;
  isEnded = false;

  write(text: string): boolean {
    this.heard.push(text);
    return this.hasRoom;
  }

  end(): void {
    this.isEnded = true;
  }

  get events(): string[] {
    return this.heard.filter((text) => text.startsWith('event:'));
  }
}

function feedOf(limit = 10) {
  const told = { overview: emptyOverview(), asked: 0, fails: false };
  const feed = createLiveFeed(
    [
      {
        name: 'overview',
        everyMs: 5_000,
        load: async () => {
          told.asked++;
          if (told.fails) throw new Error('away');
          return told.overview;
        },
        essence: (value: Overview) => ({ ...value, atMs: 0 }),
      },
    ],
    limit,
  );
  return { feed, told };
}

test('nobody is asked while nobody listens, and one question serves all who do', async () => {
  const { feed, told } = feedOf();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(told.asked).toBe(0);
  const listeners = Array.from({ length: 3 }, () => new ListenerStandIn());
  const leave = listeners.map((one) => feed.listen(one));
  await vi.advanceTimersByTimeAsync(5_000);
  expect(told.asked).toBe(2);
  expect(listeners.map(({ events }) => events.length)).toEqual([1, 1, 1]);
  leave.forEach((end) => end());
  await vi.advanceTimersByTimeAsync(20_000);
  expect(told.asked).toBe(2);
  expect(vi.getTimerCount()).toBe(0);
});

test('only a change is told, who comes later hears the newest at once, and comments keep the way open', async () => {
  const { feed, told } = feedOf();
  const first = new ListenerStandIn();
  feed.listen(first);
  await vi.advanceTimersByTimeAsync(10_000);
  told.overview = { ...told.overview, atMs: told.overview.atMs + 1 };
  await vi.advanceTimersByTimeAsync(5_000);
  expect(first.events).toHaveLength(1);
  expect(first.heard).toContain(': still here\n\n');
  told.overview = emptyOverview({ send: { http: 'http://other', grpc: '' } });
  await vi.advanceTimersByTimeAsync(5_000);
  expect(first.events).toHaveLength(2);
  const second = new ListenerStandIn();
  feed.listen(second);
  expect(second.heard).toEqual(['retry: 3000\n\n', first.events[1]]);
  feed.stop();
  expect([first.isEnded, second.isEnded]).toEqual([true, true]);
});

test('a source that fails ends nothing: it is asked again', async () => {
  const { feed, told } = feedOf();
  told.fails = true;
  const one = new ListenerStandIn();
  feed.listen(one);
  await vi.advanceTimersByTimeAsync(0);
  told.fails = false;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(one.events).toHaveLength(1);
  feed.stop();
});

test('a listener that does not keep up is cut off, the others hear on', async () => {
  const { feed, told } = feedOf();
  const [slow, quick] = [new ListenerStandIn(), new ListenerStandIn()];
  feed.listen(slow);
  feed.listen(quick);
  slow.hasRoom = false;
  await vi.advanceTimersByTimeAsync(0);
  expect([slow.isEnded, quick.isEnded, feed.listeners]).toEqual([true, false, 1]);
  told.overview = emptyOverview({ send: { http: 'x', grpc: '' } });
  await vi.advanceTimersByTimeAsync(5_000);
  expect([slow.events.length, quick.events.length]).toEqual([1, 2]);
  feed.stop();
});

test('it says when it is full', () => {
  const { feed } = feedOf(2);
  feed.listen(new ListenerStandIn());
  expect(feed.isFull()).toBe(false);
  feed.listen(new ListenerStandIn());
  expect(feed.isFull()).toBe(true);
  feed.stop();
});
