import type { Logger } from '@tocsin/service/log';
import type { ChannelContext } from '../channels/channel.ts';
import { isReadByPeople, isTracker, type ListedChannel } from '../channels/registry.ts';
import type { Database } from '../store/database.ts';
import { createDeliveryTelemetry, type DeliveryTelemetry } from '../telemetry.ts';
import type { RateLimit } from './choose-lanes.ts';
import { createDeliveryWorker, type OpenChannel } from './delivery-worker.ts';
import { createDigests, type Digests, settlementOfCovered } from './digest.ts';
import { createFallback } from './fallback.ts';
import { createOutbox, type Ended, type EndListener, type Outbox } from './outbox.ts';
import { createTrackers, type Trackers } from './trackers.ts';

/** What channels there are, and how they are sent to. */
export interface DeliverySettings {
  readonly channels: readonly ListedChannel[];
  /** What channels are told besides notifications. */
  readonly context: ChannelContext;
  readonly maxMessagesPerMinute: number;
  /** Who is told when a channel stays down for so long, or refuses. */
  readonly fallback: { readonly receiver: string; readonly afterMs: number } | undefined;
}

/** Everything between a decision and a channel: the outbox and what empties it. */
export interface Delivery {
  readonly outbox: Outbox;
  readonly telemetry: DeliveryTelemetry;
  apply(settings: DeliverySettings, nowMs: number): void;
  /** Starts what is due. Never waits. */
  tick(nowMs: number): void;
  forgetOld(nowMs: number): void;
  /** Resolves when no attempt is under way. */
  idle(): Promise<void>;
  /** Gives running attempts `graceMs`, then aborts them; they stay in the outbox. Idempotent. */
  stop(graceMs: number): Promise<void>;
}

/** What it works with. */
export interface DeliveryOptions {
  readonly database: Database;
  readonly log: Logger;
  readonly now: () => number;
  readonly newId: () => string;
  /** Told of every end, after digests and trackers have taken note of it. */
  readonly onEnd: EndListener;
  readonly maxPending?: number | undefined;
}

/** Puts outbox, digests, trackers, fallback and worker together over one database. */
export function createDelivery({ database, newId, onEnd, ...options }: DeliveryOptions): Delivery {
  const outbox: Outbox = createOutbox(database, (ended, nowMs) => {
    takeNote({ outbox, trackers }, ended, nowMs);
    onEnd(ended, nowMs);
  });
  const digests: Digests = createDigests(database, outbox, newId);
  const trackers: Trackers = createTrackers(database, outbox, digests);
  const fallback = createFallback(database, outbox, newId);
  const telemetry = createDeliveryTelemetry();
  const worker = createDeliveryWorker({ ...options, database, outbox, digests, trackers, fallback, telemetry });
  return {
    outbox,
    telemetry,
    apply({ channels, context, maxMessagesPerMinute, ...settings }, nowMs) {
      const { receiver } = settings.fallback ?? {};
      const instead = channels.filter((channel) => channel.receiver === receiver);
      fallback.apply(settings.fallback && { ...settings.fallback, channels: instead });
      trackers.apply(channels);
      worker.apply(
        channels.map((entry) => openChannel(entry, context, maxMessagesPerMinute)),
        nowMs,
      );
    },
    tick: (nowMs) => worker.tick(nowMs),
    forgetOld(nowMs) {
      // First: what it ends is written into the outbox.
      trackers.forgetOld(nowMs);
      outbox.forgetOld(nowMs);
    },
    idle: () => worker.idle(),
    stop: (graceMs) => worker.stop(graceMs),
  };
}

/** What follows in the outbox itself from the end of a notification. */
function takeNote(
  { outbox, trackers }: { readonly outbox: Outbox; readonly trackers: Trackers },
  ended: Ended,
  nowMs: number,
): void {
  const { id, cause, settlement } = ended;
  if (cause === 'digest') outbox.settleCovered(id, settlementOfCovered(id, settlement), nowMs);
  trackers.ended(ended, nowMs);
}

function openChannel(entry: ListedChannel, context: ChannelContext, perMinute: number): OpenChannel {
  return { address: entry, channel: entry.open(context), limit: limitOf(entry.kind, perMinute) };
}

function limitOf(kind: ListedChannel['kind'], perMinute: number): RateLimit | undefined {
  if (isReadByPeople(kind)) return { counts: 'messages', perMinute };
  return isTracker(kind) ? { counts: 'openings', perMinute } : undefined;
}
