/** An incident or announced maintenance as alerting has it (`GET /api/v1/status-posts`). Times in Unix ms. */
export interface Post {
  readonly id: string;
  readonly kind: 'incident' | 'maintenance';
  readonly title: string;
  /** Names of monitors as configured: what the public reads is looked up. */
  readonly monitors: readonly string[];
  readonly impact: 'none' | 'degraded' | 'down' | 'maintenance';
  readonly status: PostStatus;
  readonly startsAtMs: number;
  /** Planned, of maintenance. */
  readonly endsAtMs: number | undefined;
  /** Since when nothing more is expected. */
  readonly endedAtMs: number | undefined;
  readonly updatedAtMs: number;
  /** Oldest first. */
  readonly updates: readonly PostUpdate[];
}

export interface PostUpdate {
  readonly atMs: number;
  readonly status: PostStatus;
  readonly text: string;
}

/** Every status with what readers see. */
export const STATUS_WORDS = {
  investigating: 'Investigating',
  identified: 'Identified',
  monitoring: 'Monitoring',
  resolved: 'Resolved',
  scheduled: 'Scheduled',
  in_progress: 'In progress',
  completed: 'Completed',
  cancelled: 'Cancelled',
} as const;
export type PostStatus = keyof typeof STATUS_WORDS;

export const INCIDENT_STATUSES = ['investigating', 'identified', 'monitoring', 'resolved'] as const;
export const MAINTENANCE_STATUSES = ['scheduled', 'in_progress', 'completed', 'cancelled'] as const;

const IMPACTS = ['none', 'degraded', 'down', 'maintenance'] as const;

/** Reads alerting's answer; `undefined` where it is not a list of posts. */
export function readPosts(value: unknown): readonly Post[] | undefined {
  if (!isRecord(value) || !Array.isArray(value['posts'])) return undefined;
  const posts = value['posts'].map(readPost);
  return posts.every((post) => post !== undefined) ? posts : undefined;
}

function readPost(value: unknown): Post | undefined {
  if (!isRecord(value) || !Array.isArray(value['monitors']) || !Array.isArray(value['updates'])) return undefined;
  const { id, kind, title, monitors, impact, status } = value;
  const startsAtMs = timeOf(value['startsAt']);
  const updatedAtMs = timeOf(value['updatedAt']);
  const updates = value['updates'].map(readUpdate);
  if (typeof id !== 'string' || typeof title !== 'string' || !isStatus(status)) return undefined;
  if (startsAtMs === undefined || updatedAtMs === undefined) return undefined;
  if (!updates.every((update) => update !== undefined)) return undefined;
  return {
    id,
    kind: kind === 'maintenance' ? 'maintenance' : 'incident',
    title,
    monitors: monitors.map(String),
    impact: IMPACTS.find((one) => one === impact) ?? 'none',
    status,
    startsAtMs,
    endsAtMs: timeOf(value['endsAt']),
    endedAtMs: timeOf(value['endedAt']),
    updatedAtMs,
    updates,
  };
}

function readUpdate(value: unknown): PostUpdate | undefined {
  if (!isRecord(value)) return undefined;
  const { status, text } = value;
  const atMs = timeOf(value['at']);
  if (atMs === undefined || !isStatus(status) || typeof text !== 'string') return undefined;
  return { atMs, status, text };
}

function timeOf(value: unknown): number | undefined {
  const timeMs = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

function isStatus(value: unknown): value is PostStatus {
  return typeof value === 'string' && Object.hasOwn(STATUS_WORDS, value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
