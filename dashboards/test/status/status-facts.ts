import type { StatusRow } from '../../src/queries/status-rows.ts';
import type { Post } from '../../src/status/posts.ts';
import type { StatusFacts } from '../../src/status/view.ts';
import { configFrom, EVENING_MS } from '../fixtures.ts';
import { STATUS_YAML } from './status-under-test.ts';

const DAY_S = 86_400;

/** The verdict of a monitor. */
export function verdictRow(monitor: string, state: string, mutedBy = ''): StatusRow {
  return { monitor, state, muted_by: mutedBy, days: [], hours: [] };
}

/** Runs of days: how long ago each was, and how many runs were up, degraded, down and left out. */
export function daysRow(
  monitor: string,
  ...days: readonly (readonly [ago: number, ...runs: [number, number, number, number]])[]
): StatusRow {
  const today = Math.floor(EVENING_MS / 1_000 / DAY_S) * DAY_S;
  return { ...verdictRow(monitor, ''), days: days.map(([ago, ...runs]) => [today - ago * DAY_S, ...runs] as const) };
}

export function post(changes: Partial<Post> = {}): Post {
  const atMs = EVENING_MS - 3_600_000;
  return {
    id: '0b8f6a52-33d1-4c7c-9d6e-2f9c7c1a0001',
    kind: 'incident',
    title: 'Payments fail',
    monitors: ['pay'],
    impact: 'degraded',
    status: 'investigating',
    startsAtMs: atMs,
    endsAtMs: undefined,
    endedAtMs: undefined,
    updatedAtMs: atMs,
    updates: [{ atMs, status: 'investigating', text: 'We look into it.' }],
    ...changes,
  };
}

/** What the page of `STATUS_YAML` is made from. */
export async function factsOf(changes: Partial<StatusFacts> = {}, yaml = STATUS_YAML): Promise<StatusFacts> {
  const config = await configFrom(yaml);
  return { config, rows: [], posts: [], dataAtMs: EVENING_MS, postsAtMs: EVENING_MS, ...changes };
}
