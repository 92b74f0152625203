import type { Notification } from '../../notify/notification.ts';
import type { Series, SeriesPoint } from '../../rules/chart/series.ts';

/** A value of an alert's rule at a moment. */
export type Point = SeriesPoint;

/** The values that alerts have had, oldest first. */
export interface ChartSource {
  valuesOf(fingerprint: string): readonly Point[];
}

/** A picture for a message. */
export interface ChartPicture {
  readonly png: Uint8Array;
  /** What it shows, for those who do not see it. */
  readonly description: string;
}

/** How large a picture is: `small` where every byte counts. */
export type ChartSize = 'full' | 'small';

/** Draws what messages show. */
export interface ChartPictures {
  /**
   * The picture of a notification; `undefined` where there is nothing to see or too much is asked for. Never rejects, and takes about two seconds at
   * most: a message does not wait for longer.
   */
  pictureOf(notification: Notification, size?: ChartSize): Promise<ChartPicture | undefined>;
}

export type { Series };
