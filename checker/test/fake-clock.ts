import type { CancelTimer, Clock } from '../src/clock.ts';

interface Timer {
  readonly atMs: number;
  readonly run: () => void;
}

/** A clock that only moves when told to. Time of day and monotonic time can part. */
export class FakeClock implements Clock {
  #wallMs: number;
  #monotonicMs = 1_000_000;
  readonly #timers = new Set<Timer>();

  constructor(start: Date | number = Date.parse('2026-11-22T12:00:00Z')) {
    this.#wallMs = Number(start);
    this.wallMs = this.wallMs.bind(this);
  }

  wallMs(): number {
    return this.#wallMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  after(delayMs: number, run: () => void): CancelTimer {
    const timer = { atMs: this.#monotonicMs + Math.max(0, delayMs), run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Lets time pass, calling every timer at its moment, and promises settle after each. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#monotonicMs + ms;
    await settle();
    for (let next = this.#next(endMs); next; next = this.#next(endMs)) {
      this.#moveTo(Math.max(next.atMs, this.#monotonicMs));
      this.#fire(next);
      await settle();
    }
    this.#moveTo(endMs);
    await settle();
  }

  /** Lets time pass at once, as when the process was stopped; timers fire afterwards, late. */
  async freeze(ms: number): Promise<void> {
    this.#moveTo(this.#monotonicMs + ms);
    await this.advance(0);
  }

  /** Calls the earliest timer before its time. */
  async fireEarly(): Promise<void> {
    const next = this.#next(Infinity);
    if (next) this.#fire(next);
    await settle();
  }

  /** Sets the time of day, as an operator or NTP does. */
  stepWall(ms: number): void {
    this.#wallMs += ms;
  }

  get timers(): number {
    return this.#timers.size;
  }

  #moveTo(ms: number): void {
    this.#wallMs += ms - this.#monotonicMs;
    this.#monotonicMs = ms;
  }

  #fire(timer: Timer): void {
    this.#timers.delete(timer);
    timer.run();
  }

  #next(endMs: number): Timer | undefined {
    let earliest: Timer | undefined;
    for (const timer of this.#timers) if (!earliest || timer.atMs < earliest.atMs) earliest = timer;
    return earliest && earliest.atMs <= endMs ? earliest : undefined;
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
