import type { Notification } from '../notify/notification.ts';
import type { ChartPictures } from '../channels/chart/chart.ts';
import { signLink, verifyLink } from './link-token.ts';
import { LINK_LIFETIME_MS } from './message-links.ts';

/** Pictures for those that take only addresses. */
export interface ChartFiles {
  /** Keeps the picture of a notification. @returns its signed address; `undefined` where there is no picture */
  urlOf(notification: Notification): Promise<string | undefined>;
  /** The picture of a token, or why there is none. */
  find(token: string, nowMs: number): { readonly png: Uint8Array } | { readonly refused: 403 | 404 | 410 };
}

/** About 8 MB. The oldest goes first. */
const MAX_KEPT = 200;
export const CHART_PATH = '/api/v1/charts';

/**
 * Keeps pictures in memory: who was given an address fetches it soon, and a restart ends those of before.
 * @param baseUrl alerting's API as the world reaches it, without a slash at the end
 */
export function createChartFiles(charts: ChartPictures, key: Uint8Array, baseUrl: () => string): ChartFiles {
  const kept = new Map<string, Uint8Array>();
  return {
    async urlOf(notification) {
      const { id, createdAtMs } = notification;
      const picture = await charts.pictureOf(notification);
      if (!picture) return undefined;
      kept.delete(id);
      kept.set(id, picture.png);
      const [oldest] = kept.keys();
      if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest);
      const token = signLink({ action: 'chart', notificationId: id, expiresAtMs: createdAtMs + LINK_LIFETIME_MS }, key);
      return `${baseUrl()}${CHART_PATH}/${token}.png`;
    },
    find(token, nowMs) {
      const verdict = verifyLink(token, key, nowMs);
      if (verdict.status === 'refused') return { refused: STATUS[verdict.reason] };
      const { action, notificationId } = verdict.claim;
      const png = action === 'chart' ? kept.get(notificationId) : undefined;
      return png ? { png } : { refused: 404 };
    },
  };
}

const STATUS = { malformed: 404, forged: 403, expired: 410 } as const;
