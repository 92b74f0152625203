import type { Alert } from '../../alert.ts';
import type { Notification } from '../../notify/notification.ts';
import type { StoredSeries } from '../../rules/chart/series.ts';
import type { ChartPicture, ChartPictures, ChartSize, ChartSource, Series } from './chart.ts';
import { renderChart } from './render-chart.ts';

/** What became of a wish for a picture; also the metric attribute. */
export type ChartOutcome = 'stored' | 'remembered' | 'none' | 'limited' | 'paused' | 'timeout' | 'failed';

/** What pictures are made of. */
export interface ChartPicturesOptions {
  /** What rules have said of their alerts, as far as it is remembered. */
  readonly history?: ChartSource | undefined;
  /** Asked first. */
  readonly stored?: StoredSeries | undefined;
  readonly now: () => number;
  /** So long a message waits for stored data, in milliseconds. */
  readonly waitMs?: number;
  readonly count?: (outcome: ChartOutcome) => void;
}

const WAIT_MS = 1_700;
/** Data that came too late will come too late again. */
const PAUSE_MS = 30_000;
const MINUTE_MS = 60_000;
/** Pictures a minute, whatever happens: in a storm messages go without. */
const MAX_A_MINUTE = 20;
/** Readings of stored data at once. */
const MAX_READING = 2;
/** All channels of a notification, and what is tried again soon, share one. */
const KEEP_MS = 60_000;
const MAX_KEPT = 50;
/** Of how many alerts what is remembered is looked through. */
const MAX_LOOKED_AT = 50;

/** Makes pictures, so many a minute at most. */
export function createChartPictures(options: ChartPicturesOptions): ChartPictures {
  const { now, count = () => undefined } = options;
  const kept = new Map<string, { readonly madeMs: number; readonly picture: Promise<ChartPicture | undefined> }>();
  const begun: number[] = [];
  const read = createReader(options);

  const make = async (notification: Notification, size: ChartSize): Promise<ChartPicture | undefined> => {
    const { firing, resolved, status } = notification;
    const alerts = [...firing, ...resolved].slice(0, MAX_LOOKED_AT);
    const [first] = alerts;
    let outcome: ChartOutcome = 'none';
    try {
      const stored = first && (await read(first));
      if (stored === 'no_chart') {
        count('none');
        return undefined;
      }
      if (typeof stored === 'string') outcome = stored;
      const picture = first && typeof stored === 'object' ? await renderChart(stored, first, status, size) : undefined;
      if (picture) outcome = 'stored';
      const shown = picture ?? (await fromMemory(alerts, notification, size, options.history));
      if (shown && !picture) outcome = 'remembered';
      count(outcome);
      return shown;
    } catch (error) {
      // A picture is an extra: whatever is wrong with one, the message goes out.
      if (!(error instanceof Error)) throw error;
      count('failed');
      return undefined;
    }
  };

  return {
    pictureOf(notification, size = 'full') {
      const nowMs = now();
      const [first] = notification.status === 'firing' ? notification.firing : notification.resolved;
      if (!first || notification.digest) return Promise.resolve(undefined);
      const key = `${size}/${notification.status}/${first.fingerprint}`;
      const known = kept.get(key);
      if (known && Math.abs(nowMs - known.madeMs) < KEEP_MS) return known.picture;
      while (begun.length > 0 && Math.abs(nowMs - (begun[0] ?? 0)) >= MINUTE_MS) begun.shift();
      if (begun.length >= MAX_A_MINUTE) {
        count('limited');
        return Promise.resolve(undefined);
      }
      begun.push(nowMs);
      const picture = make(notification, size);
      kept.delete(key);
      kept.set(key, { madeMs: nowMs, picture });
      const [oldest] = kept.keys();
      if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest);
      return picture;
    },
  };
}

/** Reads stored data within the time there is; where it took too long nothing is read for a while. */
function createReader({ stored, now, waitMs = WAIT_MS }: ChartPicturesOptions) {
  let reading = 0;
  let pausedUntilMs = -Infinity;
  return async (alert: Alert): Promise<Series | 'no_chart' | 'none' | 'limited' | 'paused' | 'timeout' | 'failed'> => {
    if (!stored) return 'none';
    if (now() < pausedUntilMs && pausedUntilMs - now() <= PAUSE_MS) return 'paused';
    if (reading >= MAX_READING) return 'limited';
    reading += 1;
    const asked = stored
      .seriesOf(alert, now())

      .then((series): Series | 'no_chart' | 'none' => series ?? 'none')
      .catch((): 'failed' => 'failed')
      .finally(() => (reading -= 1));
    const limit = Promise.withResolvers<'timeout'>();
    const timer = setTimeout(() => limit.resolve('timeout'), waitMs);
    const result = await Promise.race([asked, limit.promise]);
    clearTimeout(timer);
    if (result === 'timeout') pausedUntilMs = now() + PAUSE_MS;
    return result;
  };
}

/** The first alert of which enough is remembered. */
async function fromMemory(
  alerts: readonly Alert[],
  { status }: Notification,
  size: ChartSize,
  history: ChartSource | undefined,
): Promise<ChartPicture | undefined> {
  for (const alert of history ? alerts : []) {
    const points = history?.valuesOf(alert.fingerprint) ?? [];
    const picture = await renderChart({ points }, alert, status, size);
    if (picture) return picture;
  }
  return undefined;
}
