import type { TocsinConfig } from '@tocsin/service/config';
import type { Signal } from '../../signal.ts';
import { TokenBucket } from './token-bucket.ts';

/** A key as the configuration has it. */
export type KeyConfig = TocsinConfig['collector']['keys'][number];

/** Why a known sender may not send now. */
export type LimitReason = 'wrong_signal' | 'rate_limited' | 'volume_exceeded';

/** Whether a known sender may send. */
export type LimitOutcome =
  | { readonly status: 'ok' }
  | { readonly status: 'refused'; readonly reason: LimitReason; readonly retryAfterMs?: number };

const DAY_MS = 86_400_000;

/** A sender with a key: what it may send, and how much of it it has sent. Times are milliseconds of the wall clock. */
export class ClientKey {
  readonly #config: KeyConfig;
  readonly #requests: TokenBucket | undefined;
  readonly #bytes: TokenBucket | undefined;
  #day = 0;
  #todayBytes = 0;

  constructor(config: KeyConfig, nowMs: number) {
    this.#config = config;
    const { requestsPerSecond, bytesPerSecond } = config;
    if (requestsPerSecond !== undefined) this.#requests = new TokenBucket(requestsPerSecond, nowMs);
    if (bytesPerSecond !== undefined) this.#bytes = new TokenBucket(bytesPerSecond, nowMs);
  }

  get config(): KeyConfig {
    return this.#config;
  }

  get name(): string {
    return this.#config.name;
  }

  /** Asks for one request, and counts it when it may come. */
  admit(signal: Signal, nowMs: number): LimitOutcome {
    if (!this.#config.signals.includes(signal)) return { status: 'refused', reason: 'wrong_signal' };
    const { dailyBytes } = this.#config;
    this.#turnDay(nowMs);
    if (dailyBytes !== undefined && this.#todayBytes >= dailyBytes)
      return { status: 'refused', reason: 'volume_exceeded', retryAfterMs: (this.#day + 1) * DAY_MS - nowMs };
    const waitMs = Math.max(this.#requests?.waitMs(nowMs) ?? 0, this.#bytes?.waitMs(nowMs) ?? 0);
    if (waitMs > 0) return { status: 'refused', reason: 'rate_limited', retryAfterMs: Math.min(waitMs, DAY_MS) };
    this.#requests?.take(1, nowMs);
    return { status: 'ok' };
  }

  /** Counts what a request has turned out to hold, in bytes after decompression. */
  charge(sizeBytes: number, nowMs: number): void {
    this.#turnDay(nowMs);
    this.#todayBytes += sizeBytes;
    this.#bytes?.take(sizeBytes, nowMs);
  }

  /** Goes on with what another key of this name had sent today. */
  inherit(earlier: ClientKey): void {
    this.#day = earlier.#day;
    this.#todayBytes = earlier.#todayBytes;
  }

  /** Bytes sent today, by UTC. */
  sentToday(nowMs: number): number {
    this.#turnDay(nowMs);
    return this.#todayBytes;
  }

  /** So much had been sent today before this process began. */
  resume(sentBytes: number, nowMs: number): void {
    this.#turnDay(nowMs);
    this.#todayBytes += sentBytes;
  }

  #turnDay(nowMs: number): void {
    const day = Math.floor(nowMs / DAY_MS);
    if (day <= this.#day) return;
    this.#day = day;
    this.#todayBytes = 0;
  }
}
