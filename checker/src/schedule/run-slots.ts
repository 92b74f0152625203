/** How long a monitor's last run kept its place: `quick`; `slow`, a second or more; `hung`, as long as it was allowed to. */
export type Pace = 'quick' | 'slow' | 'hung';

/**
 * What a run waits for: `host_limit` a place of its host and port, `limit` any place, `slow_limit` one of those for monitors that were slow or hung the
 * last time.
 */
export type WaitReason = 'host_limit' | 'limit' | 'slow_limit';
export const WAIT_REASONS = ['host_limit', 'limit', 'slow_limit'] as const satisfies readonly WaitReason[];

/** A run that waits for a free place. Which object it is says which run: what is given back is what was taken. */
export interface WaitingRun {
  readonly name: string;
  readonly host: string;
  /** When it was to begin, on the monotonic clock. */
  readonly dueMs: number;
  readonly pace: Pace;
}

export interface SlotLimits {
  readonly maxConcurrency: number;
  readonly maxConcurrencyPerHost: number;
}

/** A run that is older waits for its target and little else: it counts a quarter of a place from then on. */
export const YOUNG_MS = 250;
const OLD_WEIGHT = 1 / 4;
/** Of the places those that wait for their targets take at most so many, and begin, where they are known for it, up to so many. */
const OLD_PART = 3 / 4;
const HUNG_PART = 1 / 2;
/** However many hang for the first time: file descriptors and memory end somewhere. */
const MOST_RUNS = 10_000;

/**
 * The places for runs: so many in all, and so many of one host. Who finds none waits in the order of arrival; those that wait for their own
 * host hold up nobody else.
 *
 * Targets that hang must not keep the others waiting, however many begin to at once. So a run counts a whole place only while it is
 * young; all older ones together never count more than three quarters, so a quarter is always for what is young. Monitors known to be slow or hung
 * begin only while there is room among the old ones; one that hangs for the first time is there already and may go over.
 */
export class RunSlots {
  readonly #limits: SlotLimits;
  readonly #taken = new Map<string, number>();
  /** Since when each young run goes on; the oldest first. */
  readonly #young = new Map<WaitingRun, number>();
  #old = 0;
  #hung = 0;
  /** Waiting for any place, by pace and name. */
  readonly #waiting: Readonly<Record<Pace, Map<string, WaitingRun>>> = {
    quick: new Map(),
    slow: new Map(),
    hung: new Map(),
  };
  /** Waiting for a place of their host, by host and name. */
  readonly #blocked = new Map<string, Map<string, WaitingRun>>();
  #blockedCount = 0;

  constructor(limits: SlotLimits) {
    this.#limits = limits;
  }

  /** Takes a place, or has the run wait for one. @returns what it waits for; `undefined` when it may begin */
  take(run: WaitingRun, nowMs: number): WaitReason | undefined {
    this.#age(nowMs);
    if (this.#isFull(run.host)) return this.#block(run);
    if (this.#hasPlace(run.pace)) {
      this.#occupy(run, nowMs);
      return undefined;
    }
    this.#waiting[run.pace].set(run.name, run);
    return run.pace === 'quick' || this.#hasPlace('quick') === false ? 'limit' : 'slow_limit';
  }

  isWaiting({ name, host }: Pick<WaitingRun, 'name' | 'host'>): boolean {
    const { quick, slow, hung } = this.#waiting;
    return quick.has(name) || slow.has(name) || hung.has(name) || this.#blocked.get(host)?.has(name) === true;
  }

  /** How many wait now. */
  get waiting(): Readonly<Record<WaitReason, number>> {
    const { quick, slow, hung } = this.#waiting;
    return { host_limit: this.#blockedCount, limit: quick.size, slow_limit: slow.size + hung.size };
  }

  /** When, on the monotonic clock, a place may come free without any run's end: a young one gets old. `undefined` while nobody waits. */
  nextChangeMs(): number | undefined {
    const { quick, slow, hung } = this.#waiting;
    if (quick.size + slow.size + hung.size === 0) return undefined;
    for (const startMs of this.#young.values()) return startMs + YOUNG_MS;
    return undefined;
  }

  /** Lets time pass. @returns the runs that begin; their places are taken */
  advance(nowMs: number): WaitingRun[] {
    this.#age(nowMs);
    const begin: WaitingRun[] = [];
    for (let run = this.#next(); run; run = this.#next()) {
      this.#waiting[run.pace].delete(run.name);
      if (this.#isFull(run.host)) {
        this.#block(run);
        continue;
      }
      this.#occupy(run, nowMs);
      begin.push(run);
    }
    return begin;
  }

  /** Gives a place back. @param run the object that took it @returns the runs that begin in its stead; their places are taken */
  release(run: WaitingRun, nowMs: number): WaitingRun[] {
    if (!this.#young.delete(run)) {
      this.#old -= 1;
      if (run.pace === 'hung') this.#hung -= 1;
    }
    const left = (this.#taken.get(run.host) ?? 1) - 1;
    if (left === 0) this.#taken.delete(run.host);
    else this.#taken.set(run.host, left);
    const freed = this.#unblock(run.host);
    if (freed) this.#waiting[freed.pace].set(freed.name, freed);
    return this.advance(nowMs);
  }

  /** Ends a run's waiting, if it waits. */
  forget({ name, host }: Pick<WaitingRun, 'name' | 'host'>): void {
    for (const waiting of Object.values(this.#waiting)) waiting.delete(name);
    if (this.#blocked.get(host)?.delete(name)) this.#blockedCount -= 1;
  }

  #isFull(host: string): boolean {
    return (this.#taken.get(host) ?? 0) >= this.#limits.maxConcurrencyPerHost;
  }

  #hasPlace(pace: Pace): boolean {
    const { maxConcurrency } = this.#limits;
    if (this.#young.size + this.#old >= MOST_RUNS) return false;
    const old = this.#old * OLD_WEIGHT;
    if (this.#young.size + Math.min(old, maxConcurrency * OLD_PART) >= maxConcurrency) return false;
    if (pace !== 'quick' && old >= maxConcurrency * OLD_PART) return false;
    return pace !== 'hung' || this.#hung * OLD_WEIGHT < maxConcurrency * HUNG_PART;
  }

  /** Of those for which there is a place the one that has been due the longest. */
  #next(): WaitingRun | undefined {
    let first: WaitingRun | undefined;
    for (const waiting of Object.values(this.#waiting)) {
      const [run] = waiting.values();
      if (run && (!first || run.dueMs < first.dueMs) && this.#hasPlace(run.pace)) first = run;
    }
    return first;
  }

  /** What is known to be slow is old at once: it will be. */
  #occupy(run: WaitingRun, nowMs: number): void {
    if (run.pace === 'quick') this.#young.set(run, nowMs);
    else this.#old += 1;
    if (run.pace === 'hung') this.#hung += 1;
    this.#taken.set(run.host, (this.#taken.get(run.host) ?? 0) + 1);
  }

  #age(nowMs: number): void {
    for (const [run, startMs] of this.#young) {
      if (nowMs - startMs < YOUNG_MS) return;
      this.#young.delete(run);
      this.#old += 1;
    }
  }

  #block(run: WaitingRun): WaitReason {
    const blocked = this.#blocked.get(run.host) ?? new Map<string, WaitingRun>();
    this.#blocked.set(run.host, blocked.set(run.name, run));
    this.#blockedCount += 1;
    return 'host_limit';
  }

  #unblock(host: string): WaitingRun | undefined {
    const blocked = this.#blocked.get(host);
    const [first] = blocked?.values() ?? [];
    if (first) {
      blocked?.delete(first.name);
      this.#blockedCount -= 1;
    }
    if (blocked?.size === 0) this.#blocked.delete(host);
    return first;
  }
}

/** The host and port of a target as `describeTarget` tells it: a URL, `host:port`, or a name with something behind it. */
export function hostOfTarget(target: string): string {
  const url = URL.parse(target);
  if (url && url.host !== '') return url.host;
  return target.split(/[\s/]/, 1)[0] ?? target;
}
