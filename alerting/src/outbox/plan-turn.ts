/** What the worker knows of a channel when it looks for something to send. Lanes go by their group keys. */
export interface Turn {
  /** Lanes in which something is due and nothing under way, the longest waiting first. */
  readonly due: readonly string[];
  /** Attempts that may be started. */
  readonly free: number;
  /** Messages that the minute has room for, those under way counted; Infinity: no limit. */
  readonly room: number;
  /** The lane of a digest that is not delivered yet, due or not. */
  readonly digestLane: string | undefined;
  /** The last minute had a digest: more of the same storm goes into the next one. */
  readonly isStorm: boolean;
}

/** What is sent now: each of these by itself, and all of those as one digest. */
export interface TurnPlan {
  readonly single: readonly string[];
  readonly digest: readonly string[];
}

const NOTHING: TurnPlan = { single: [], digest: [] };

/**
 * Decides what a channel is sent now. The last room of a minute belongs to a digest where more is due than there is room for. Until a
 * digest is delivered nothing else is sent, so that a resolution does not overtake it.
 */
export function planTurn({ due, free, room, digestLane, isStorm }: Turn): TurnPlan {
  if (free <= 0 || room <= 0) return NOTHING;
  if (digestLane !== undefined) return due.includes(digestLane) ? { single: [digestLane], digest: [] } : NOTHING;
  if (due.length <= room) return { single: due.slice(0, free), digest: [] };
  const before = isStorm ? 0 : Math.min(room - 1, free);
  const single = due.slice(0, before);
  return {
    single,
    digest: room > before && free > before && before >= (isStorm ? 0 : room - 1) ? due.slice(before) : [],
  };
}
