import { effect, signal } from '@preact/signals';
import type { LiveEventName, LiveEvents } from '../../../src/live/event-types.ts';
import type { Overview } from '../../../src/overview/overview-types.ts';
import { isVisible } from '../state/clock.ts';
import { mayAsk } from '../state/session.ts';

/** The newest overview that the console told of. */
export const liveOverview = signal<Overview | undefined>(undefined);
/** Whether the console tells of changes now. */
export const isLive = signal(false);

const TAKE: { readonly [Name in LiveEventName]: (data: LiveEvents[Name]) => void } = {
  overview: (overview) => {
    liveOverview.value = overview;
  },
};

/** After a refusal (too many pages listen, signed out) this time passes, in ms; after a broken connection the browser itself comes again. */
const AGAIN_MS = 10_000;

/**
 * Listens to `GET /api/v1/events` while the page can be seen: a browser has six connections to one host, and a tab in the background
 * must not hold one.
 */
export function startLive(): void {
  effect(() => {
    if (!isVisible.value || !mayAsk.value) return undefined;
    let source = listen();
    const timer = setInterval(() => {
      if (source.readyState === EventSource.CLOSED) source = listen();
    }, AGAIN_MS);
    return () => {
      clearInterval(timer);
      source.close();
      isLive.value = false;
    };
  });
}

function listen(): EventSource {
  const source = new EventSource('/api/v1/events');
  source.addEventListener('open', () => (isLive.value = true));
  source.addEventListener('error', () => (isLive.value = false));
  for (const [name, take] of Object.entries(TAKE))
    source.addEventListener(name, (event) =>
      (take as (data: unknown) => void)(JSON.parse((event as MessageEvent<string>).data)),
    );
  return source;
}
