/** What an update of an incident, or of maintenance, may say; the last ones are final. */
export const INCIDENT_STATUSES = ['investigating', 'identified', 'monitoring', 'resolved'] as const;
export const MAINTENANCE_STATUSES = ['scheduled', 'in_progress', 'completed', 'cancelled'] as const;
export const STATUSES = [...INCIDENT_STATUSES, ...MAINTENANCE_STATUSES] as const;
export type PostStatus = (typeof STATUSES)[number];

export const KINDS = ['incident', 'maintenance'] as const;
export type PostKind = (typeof KINDS)[number];
/** What an incident does to the monitors it names. */
export const IMPACTS = ['none', 'degraded', 'down'] as const;
export type Impact = (typeof IMPACTS)[number] | 'maintenance';

/** One thing that was written. Times are Unix milliseconds. */
export interface PostUpdate {
  readonly atMs: number;
  readonly status: PostStatus;
  readonly text: string;
  readonly actor: string;
}

/** An incident, or maintenance that is announced, for readers of the status page. Times are Unix milliseconds. */
export interface Post {
  readonly id: string;
  readonly kind: PostKind;
  readonly title: string;
  /** Names of monitors. */
  readonly monitors: readonly string[];
  readonly impact: Impact;
  readonly startsAtMs: number;
  /** Planned, of maintenance. */
  readonly endsAtMs: number | undefined;
  /** That of the last update. */
  readonly status: PostStatus;
  /** Since when that is a final one. */
  readonly endedAtMs: number | undefined;
  readonly createdBy: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** Oldest first. */
  readonly updates: readonly PostUpdate[];
}

/** What a post says of itself, its updates apart. */
export type PostFacts = Pick<Post, 'title' | 'monitors' | 'impact' | 'startsAtMs' | 'endsAtMs'>;

const FINAL: ReadonlySet<PostStatus> = new Set(['resolved', 'completed', 'cancelled']);

/** Whether nothing is to be expected after an update of this status. */
export function isFinal(status: PostStatus): boolean {
  return FINAL.has(status);
}

/** The statuses of a kind. */
export function statusesOf(kind: PostKind): readonly PostStatus[] {
  return kind === 'incident' ? INCIDENT_STATUSES : MAINTENANCE_STATUSES;
}

/** The longest maintenance, and how far ahead and back a post may begin. */
const LONGEST_MS = 90 * 86_400_000;
const FURTHEST_MS = 366 * 86_400_000;

/**
 * What is wrong with a post, as a sentence that says what was expected; `undefined` where nothing is.
 * @param chosen names of the monitors that are on the page
 */
export function findFault(
  kind: PostKind,
  facts: PostFacts,
  chosen: ReadonlySet<string>,
  nowMs: number,
): string | undefined {
  const { monitors, impact, startsAtMs, endsAtMs } = facts;
  const stranger = monitors.find((name) => !chosen.has(name));
  if (stranger !== undefined) return `expected monitors of the status page, found ${JSON.stringify(stranger)}`;
  if ((impact === 'maintenance') !== (kind === 'maintenance'))
    return 'expected an impact (none, degraded, down) of an incident only';
  if (Math.abs(startsAtMs - nowMs) > FURTHEST_MS) return 'expected a start within a year of now';
  if (kind === 'incident') {
    if (endsAtMs !== undefined) return 'expected an end of maintenance only: an incident ends when it is resolved';
    return startsAtMs > nowMs ? 'expected an incident that has begun, found a start in the future' : undefined;
  }
  if (endsAtMs === undefined) return 'expected an end (endsAt) of maintenance';
  return endsAtMs <= startsAtMs || endsAtMs - startsAtMs > LONGEST_MS
    ? 'expected an end after the start, and at most 90 days after it'
    : undefined;
}
