import { metrics } from '@opentelemetry/api';
import type { LiveEventName, LiveEvents } from './event-types.ts';

/** Somebody who listens. */
export interface Listener {
  /** Writes text of an event stream. @returns whether there is room for more */
  write(text: string): boolean;
  /** Ends the stream. */
  end(): void;
}

/** Where an event comes from: asked again and again while somebody listens, told when what it gives has changed. */
export interface LiveSource<Name extends LiveEventName = LiveEventName> {
  readonly name: Name;
  readonly everyMs: number;
  readonly load: () => Promise<LiveEvents[Name]>;
  /** What is compared to see whether something has changed; by default all of it. */
  readonly essence?: (value: LiveEvents[Name]) => unknown;
}

/** The feed of one console. */
export interface LiveFeed {
  /** @returns what ends it */
  listen(listener: Listener): () => void;
  readonly listeners: number;
  /** Whether one more is too many; that is counted. */
  isFull(): boolean;
  /** Ends all streams. Idempotent. */
  stop(): void;
}

/** The most streams at once. */
export const LISTENERS_LIMIT = 200;
const HEARTBEAT_MS = 15_000;

const meter = metrics.getMeter('tocsin.dashboards');
const refused = meter.createCounter('tocsin.dashboards.events.refused', {
  description: 'Event streams that were not opened or were cut off, by reason.',
  unit: '{stream}',
});
const failed = meter.createCounter('tocsin.dashboards.events.failures', {
  description: 'Times the data of an event could not be made, by event.',
  unit: '{failure}',
});

/**
 * One feed for all pages that are open: each source is asked once, however many listen, and not at all while nobody does. Who comes
 * later gets the newest of each at once. A listener that does not keep up is cut off; its browser comes again.
 */
export function createLiveFeed(sources: readonly LiveSource[], limit = LISTENERS_LIMIT): LiveFeed {
  const listeners = new Set<Listener>();
  const newest = new Map<LiveEventName, { readonly text: string; readonly essence: string }>();
  const timers = new Set<NodeJS.Timeout>();
  const busy = new Set<LiveEventName>();

  const drop = (listener: Listener): void => {
    if (listeners.delete(listener) && listeners.size === 0) rest();
  };
  const tell = (listener: Listener, text: string): void => {
    if (listener.write(text)) return;
    refused.add(1, { reason: 'slow' });
    drop(listener);
    listener.end();
  };
  const tellAll = (text: string): void => [...listeners].forEach((listener) => tell(listener, text));
  const ask = async (source: LiveSource): Promise<void> => {
    if (busy.has(source.name)) return;
    busy.add(source.name);
    try {
      const value = await source.load();
      const essence = JSON.stringify(source.essence?.(value) ?? value);
      if (newest.get(source.name)?.essence === essence || listeners.size === 0) return;
      const text = `event: ${source.name}\ndata: ${JSON.stringify(value)}\n\n`;
      newest.set(source.name, { text, essence });
      tellAll(text);
    } finally {
      busy.delete(source.name);
    }
  };
  const askQuietly = (source: LiveSource): void => {
    ask(source).catch(() => failed.add(1, { event: source.name }));
  };
  function wake(): void {
    for (const source of sources) {
      askQuietly(source);
      timers.add(setInterval(() => askQuietly(source), source.everyMs));
    }
    timers.add(setInterval(() => tellAll(': still here\n\n'), HEARTBEAT_MS));
  }
  function rest(): void {
    for (const timer of timers) clearInterval(timer);
    timers.clear();
    newest.clear();
  }
  const isFull = (): boolean => {
    if (listeners.size < limit) return false;
    refused.add(1, { reason: 'too_many' });
    return true;
  };

  return {
    listen(listener) {
      listeners.add(listener);
      tell(listener, 'retry: 3000\n\n');
      for (const { text } of newest.values()) tell(listener, text);
      if (listeners.size === 1 && timers.size === 0) wake();
      return () => drop(listener);
    },
    isFull,
    get listeners() {
      return listeners.size;
    },
    stop() {
      rest();
      for (const listener of listeners) listener.end();
      listeners.clear();
    },
  };
}
