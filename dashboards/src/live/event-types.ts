import type { Overview } from '../overview/overview-types.ts';

/** What comes over `GET /api/v1/events`: the name of each event with its data. */
export interface LiveEvents {
  /** The first page's data, when something in it has changed. */
  readonly overview: Overview;
}

export type LiveEventName = keyof LiveEvents;
