import type { Logger } from '@tocsin/service/log';
import { type Channel, type ChannelAddress, type DeliveryResult, formatChannel } from '../channels/channel.ts';
import { formatTitle } from '../channels/content.ts';
import type { Notification } from '../notify/notification.ts';
import type { Database } from '../store/database.ts';
import type { DeliveryTelemetry } from '../telemetry.ts';
import { chooseLanes, type ChoiceOptions, type RateLimit } from './choose-lanes.ts';
import type { Fallback } from './fallback.ts';
import { type PendingDelivery, tellsEnd } from './outbox.ts';
import { LONGEST_RETRY_AFTER_MS, settle } from './settle.ts';
import { createTaskSet } from './task-set.ts';

/** A channel that is open, and where it stands in the configuration. */
export interface OpenChannel {
  readonly address: ChannelAddress;
  readonly channel: Channel;
  readonly limit?: RateLimit | undefined;
}

/** Empties the outbox into the channels. Each channel has its own places, so one that hangs holds up no other. */
export interface DeliveryWorker {
  /** Uses these channels from now on; closes the former ones once their attempts have ended. */
  apply(channels: readonly OpenChannel[], nowMs: number): void;
  /** Starts what is due, as far as there is room. Never waits. */
  tick(nowMs: number): void;
  /** Resolves when no attempt is under way. */
  idle(): Promise<void>;
  /** Starts nothing more, gives running attempts `graceMs`, then aborts them; they stay in the outbox. Idempotent. */
  stop(graceMs: number): Promise<void>;
}

/** What the worker works with. */
export interface DeliveryWorkerOptions extends ChoiceOptions {
  readonly database: Database;
  readonly fallback: Fallback;
  readonly telemetry: DeliveryTelemetry;
  /** The time at which an attempt ended, Unix milliseconds. */
  readonly now: () => number;
  /** Notifications that may wait; beyond it the oldest are given up, ends beyond twice as many. */
  readonly maxPending?: number | undefined;
}

const MAX_PENDING = 100_000;
const FULL_STEP = 1_000;

const CLOCK_STEP_MS = 1_000;

/** An attempt under way, or one that has ended but whose end could not be written down yet. */
interface Attempt {
  readonly delivery: PendingDelivery;
  result: DeliveryResult | undefined;
}

interface Lanes extends OpenChannel {
  /** By group key. */
  readonly attempts: Map<string, Attempt>;
  /** The channel asked to be left alone until then. */
  pausedUntilMs: number;
}

/** Makes the worker; until `apply` it has no channels. */
export function createDeliveryWorker(options: DeliveryWorkerOptions): DeliveryWorker {
  const { outbox, log, now, maxPending = MAX_PENDING } = options;
  let lanes = new Map<string, Lanes>();
  const running = createTaskSet();
  const aborter = new AbortController();
  let stopping: Promise<void> | undefined;
  let lastNowMs = -Infinity;
  let fullAt = maxPending;

  const start = (lane: Lanes, groupKey: string, nowMs: number): void => {
    const delivery = outbox.claim(lane.address, groupKey, nowMs);
    if (!delivery) return;
    if (delivery.supersededCount > 0) options.telemetry.countSuperseded(lane.address, delivery.supersededCount);
    if (lane.pausedUntilMs > nowMs) return outbox.postpone(delivery.notification.id, lane.pausedUntilMs);
    const attempt: Attempt = { delivery, result: undefined };
    lane.attempts.set(groupKey, attempt);
    running.add(
      options.telemetry
        .measure(delivery, () => lane.channel.send(delivery.notification, aborter.signal))
        .then((result) => {
          attempt.result = result;
          end(options, lane, groupKey, attempt, now());
          refill(formatChannel(lane.address));
        }),
    );
  };

  const tickLanes = (lane: Lanes, nowMs: number): void => {
    // An end that could not be written down is tried again here, instead of sending the message a second time.
    for (const [groupKey, attempt] of lane.attempts) if (attempt.result) end(options, lane, groupKey, attempt, nowMs);
    for (const groupKey of chooseLanes(options, lane, nowMs)) start(lane, groupKey, nowMs);
  };

  /** Uses a place that has become free without waiting for the next tick. */
  const refill = (key: string): void => {
    const lane = lanes.get(key);
    if (stopping || !lane) return;
    try {
      tickLanes(lane, now());
    } catch (error) {
      log.error({ err: error, channel: key }, 'the next delivery could not be started; the next tick tries again');
    }
  };

  const stop = async (graceMs: number): Promise<void> => {
    const grace = setTimeout(() => aborter.abort(), graceMs);
    await running.idle();
    clearTimeout(grace);
    await closeAll(lanes, log);
  };

  return {
    apply(channels, nowMs) {
      const former = lanes;
      lanes = replaceLanes(former, channels);
      const addresses = channels.map(({ address }) => address);
      const dropped = outbox.dropOrphans(addresses, nowMs);
      if (dropped > 0) log.warn({ dropped }, 'undelivered notifications were dropped: their channel is gone');
      if (lastNowMs > -Infinity) outbox.expedite(nowMs);
      else resume(outbox, lanes, nowMs);
      running.add(closeAll(former, log));
    },
    tick(nowMs) {
      const pending = stopping ? 0 : outbox.countPending();
      if (pending === 0) return;
      if (pending > fullAt) fullAt = giveUp(options, maxPending, nowMs);
      else if (pending <= maxPending) fullAt = maxPending;
      if (nowMs < lastNowMs - CLOCK_STEP_MS) {
        // The clock was set back: what was planned would be too far ahead.
        outbox.expedite(nowMs);
        for (const lane of lanes.values()) lane.pausedUntilMs = 0;
      }
      lastNowMs = nowMs;
      for (const channel of options.fallback.look(nowMs)) options.telemetry.countFallback(channel);
      for (const lane of lanes.values()) tickLanes(lane, nowMs);
    },
    idle: () => running.idle(),
    stop: (graceMs) => (stopping ??= stop(graceMs)),
  };
}

/** At a start what waits is due at once; a channel that asked for patience before has it still, for all its groups. */
function resume(outbox: DeliveryWorkerOptions['outbox'], lanes: ReadonlyMap<string, Lanes>, nowMs: number): void {
  outbox.resume(nowMs);
  for (const lane of lanes.values()) lane.pausedUntilMs = outbox.patienceOf(lane.address, nowMs);
}

/** A lane that is busy stays so under the new configuration: order holds over a reload. */
function replaceLanes(former: ReadonlyMap<string, Lanes>, channels: readonly OpenChannel[]): Map<string, Lanes> {
  return new Map(
    channels.map(({ address, ...open }) => {
      const key = formatChannel(address);
      return [key, { ...open, address, attempts: former.get(key)?.attempts ?? new Map(), pausedUntilMs: 0 }];
    }),
  );
}

/** @returns at how many it is to be done again: where nothing more could be given up, not at each tick */
function giveUp({ outbox, telemetry, log }: DeliveryWorkerOptions, maxPending: number, nowMs: number): number {
  const { again, ends } = outbox.dropBeyond(maxPending, nowMs);
  telemetry.countDropped('again', again);
  telemetry.countDropped('end', ends);
  if (again > 0)
    log.error(
      { dropped: again, maxPending },
      'too many notifications wait: the oldest were given up, to be told again',
    );
  if (ends > 0) log.error({ dropped: ends, maxPending }, 'too many ends wait: the oldest are not told');
  const left = outbox.countPending();
  return left <= maxPending ? maxPending : left + FULL_STEP;
}

/** Writes down what came of an attempt and frees its lane. Where that fails the lane stays taken until it succeeds. */
function end(
  options: DeliveryWorkerOptions,
  lane: Lanes,
  groupKey: string,
  { delivery, result }: Attempt,
  nowMs: number,
): void {
  if (!result) return;
  const { database, outbox, telemetry, log } = options;
  const { id, reason: cause } = delivery.notification;
  const title = formatTitle(delivery.notification);
  const fields = { notification: id, channel: formatChannel(lane.address), cause, title };
  if (result.status === 'retryable' && result.reason === 'stopped') {
    lane.attempts.delete(groupKey);
    return;
  }
  const { notification, attempts, createdAtMs } = delivery;
  const attempted = { attempts: attempts + 1, createdAtMs, tellsEnd: isOwed(lane, notification) };
  const settlement = settle(result, attempted, nowMs);
  let isPassedOn = false;
  try {
    database.transaction(() => {
      outbox.settle(id, settlement, nowMs);
      const isRefused = settlement.status === 'failed' || (settlement.status === 'pending' && settlement.isRefused);
      if (isRefused) isPassedOn = options.fallback.refused(lane.address, notification, settlement.reason, nowMs);
    });
  } catch (error) {
    log.error({ ...fields, err: error }, 'the outcome of a delivery could not be stored; it is tried again');
    return;
  }
  lane.attempts.delete(groupKey);
  if (result.status === 'retryable' && result.afterMs !== undefined)
    lane.pausedUntilMs = nowMs + Math.min(result.afterMs, LONGEST_RETRY_AFTER_MS);
  telemetry.count(delivery, settlement);
  if (isPassedOn) telemetry.countFallback(lane.address);
  report(log, fields, settlement);
}

/** Whether a refused message is tried again. What people read of a digest is told anew by its parts; of a tracker it would stay open. */
function isOwed({ limit }: Lanes, notification: Notification): boolean {
  if (notification.reason === 'digest') return limit?.counts === 'openings' && notification.status === 'resolved';
  return tellsEnd(notification);
}

function report(log: Logger, fields: object, settlement: ReturnType<typeof settle>): void {
  const { status, reason, detail } = settlement;
  if (status === 'delivered') log.info({ ...fields, detail }, 'notification delivered');
  else if (status === 'failed') log.error({ ...fields, reason, detail }, 'notification could not be delivered');
  else log.warn({ ...fields, reason, detail }, 'notification not delivered yet; it is tried again');
}

async function closeAll(lanes: ReadonlyMap<string, Lanes>, log: Logger): Promise<void> {
  await Promise.all([...lanes.values()].map(({ channel }) => closeChannel(channel, log)));
}

async function closeChannel(channel: Channel, log: Logger): Promise<void> {
  try {
    await channel.close();
  } catch (error) {
    log.error({ err: error }, 'a channel could not be closed');
  }
}
