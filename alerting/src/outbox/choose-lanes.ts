import { type ChannelAddress, formatChannel } from '../channels/channel.ts';
import type { Logger } from '@tocsin/service/log';
import type { DeliveryTelemetry } from '../telemetry.ts';
import { type Digests, MAX_DIGEST_GROUPS } from './digest.ts';
import type { Outbox } from './outbox.ts';
import { planTurn } from './plan-turn.ts';
import type { Trackers } from './trackers.ts';

/** Attempts under way at once, for each channel. */
export const MAX_ATTEMPTS_PER_CHANNEL = 4;

const MINUTE_MS = 60_000;

/** What is capped: what people read by its messages, trackers by what they open. */
export interface RateLimit {
  readonly counts: 'messages' | 'openings';
  readonly perMinute: number;
}

/** Of a channel: where it is, and what it is doing. */
export interface Turnable {
  readonly address: ChannelAddress;
  /** `undefined`: it is sent as many messages as there are. */
  readonly limit?: RateLimit | undefined;
  /** The lanes in which an attempt is under way. */
  readonly attempts: { readonly size: number; has(groupKey: string): boolean };
  /** The channel asked to be left alone until then. */
  readonly pausedUntilMs: number;
}

/** What a choice works with. */
export interface ChoiceOptions {
  readonly outbox: Outbox;
  readonly digests: Digests;
  readonly trackers: Trackers;
  readonly telemetry: Pick<DeliveryTelemetry, 'countDigested'>;
  readonly log: Logger;
}

/** The lanes of a channel in which an attempt is started now. Where there is too much for the minute, a digest is one of them. */
export function chooseLanes(options: ChoiceOptions, lane: Turnable, nowMs: number): string[] {
  const free = MAX_ATTEMPTS_PER_CHANNEL - lane.attempts.size;
  if (free <= 0) return [];
  // What is due while the channel is left alone is claimed all the same, to be put off.
  if (!lane.limit || lane.pausedUntilMs > nowMs)
    return options.outbox
      .dueLanes(lane.address, nowMs, 2 * MAX_ATTEMPTS_PER_CHANNEL)
      .filter((groupKey) => !lane.attempts.has(groupKey))
      .slice(0, free);
  const { counts, perMinute } = lane.limit;
  return counts === 'messages'
    ? chooseForPeople(options, lane, perMinute, free, nowMs)
    : chooseForTracker(options, lane, perMinute, free, nowMs);
}

function chooseForPeople(
  options: ChoiceOptions,
  { address, attempts }: Turnable,
  perMinute: number,
  free: number,
  nowMs: number,
): string[] {
  const { outbox, digests } = options;
  const sinceMs = nowMs - MINUTE_MS;
  const room = perMinute - outbox.countSent(address, sinceMs, nowMs) - attempts.size;
  if (room <= 0) return [];
  const due = outbox.dueLanes(address, nowMs, MAX_DIGEST_GROUPS).filter((groupKey) => !attempts.has(groupKey));
  if (due.length === 0) return [];
  const digestLane = digests.pendingLane(address);
  const isStorm = digests.hadOne(address, sinceMs, nowMs);
  const plan = planTurn({ due, free, room, digestLane, isStorm });
  if (plan.digest.length === 0) return [...plan.single];
  const { lane, parts } = digests.compose(address, plan.digest, nowMs);
  sayDigest(options, address, parts.length);
  return [...plan.single, lane];
}

/** What follows something that is open wakes nobody, and is not counted; only openings are. */
function chooseForTracker(
  options: ChoiceOptions,
  { address, attempts }: Turnable,
  perMinute: number,
  free: number,
  nowMs: number,
): string[] {
  const { digests, trackers } = options;
  const lanes = trackers.dueLanes(address, nowMs, MAX_DIGEST_GROUPS).filter(({ groupKey }) => !attempts.has(groupKey));
  if (lanes.length === 0) return [];
  const members = lanes.filter(({ does }) => does === 'member');
  if (members.length > 0) trackers.fold(address, members, nowMs);
  const opening = trackers.openingLanes(address);
  const sinceMs = nowMs - MINUTE_MS;
  const underWay = opening.filter((groupKey) => attempts.has(groupKey)).length;
  const room = perMinute - trackers.countOpened(address, sinceMs, nowMs) - underWay;
  const fresh = lanes.filter(({ does }) => does === 'opens' || does === 'digest');
  const plan = planTurn({
    due: fresh.map(({ groupKey }) => groupKey),
    free,
    room,
    digestLane: opening.find((groupKey) => digests.isLane(groupKey)),
    isStorm: digests.hadOne(address, sinceMs, nowMs),
  });
  trackers.markOpening(fresh.filter(({ groupKey }) => plan.single.includes(groupKey)));
  const chosen = [...plan.single];
  if (plan.digest.length > 0) {
    const { lane, count } = trackers.gather(address, plan.digest, nowMs);
    sayDigest(options, address, count);
    chosen.push(lane);
  }
  const rest = lanes.filter(({ does }) => does === 'follows').map(({ groupKey }) => groupKey);
  return [...chosen, ...rest].slice(0, free);
}

function sayDigest({ telemetry, log }: ChoiceOptions, address: ChannelAddress, groups: number): void {
  telemetry.countDigested(address, groups);
  log.warn({ channel: formatChannel(address), groups }, 'too many messages for a minute: the rest goes into a digest');
}
