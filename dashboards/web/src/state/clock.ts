import { computed, effect, signal } from '@preact/signals';
import { parseLength, readRange, type TimeWindow, windowOf } from './time-range.ts';
import { query } from './url.ts';

/** When the page was asked for last, Unix ms: what it shows is of then. Everything that loads follows it. */
export const askedAtMs = signal(Date.now());
/** The browser shows this page, not another tab. */
export const isVisible = signal(true);

/** How often the page asks anew, in ms; `undefined`: when it is told to. */
export const refreshMs = computed(() => {
  const text = query.value.get('refresh');
  if (text === 'off') return undefined;
  const range = readRange(query.value);
  return parseLength(text ?? '') ?? (range.kind === 'fixed' ? undefined : DEFAULT_REFRESH_MS);
});
const DEFAULT_REFRESH_MS = 10_000;

/** What the URL's time range says. */
export const timeRange = computed(() => readRange(query.value));
/** From and to, as of the last time of asking. */
export const timeWindow = computed<TimeWindow>(() => windowOf(timeRange.value, askedAtMs.value));

/** Asks anew, now. */
export function refresh(): void {
  askedAtMs.value = Date.now();
}

/** Asks anew as often as the URL says, while the page can be seen; and when it is seen again. */
export function startClock(): void {
  const look = (): void => {
    isVisible.value = document.visibilityState === 'visible';
  };
  document.addEventListener('visibilitychange', look);
  look();
  effect(() => {
    const everyMs = refreshMs.value;
    if (everyMs === undefined || !isVisible.value) return undefined;
    if (Date.now() - askedAtMs.peek() >= everyMs) refresh();
    const timer = setInterval(refresh, everyMs);
    return () => clearInterval(timer);
  });
}
