/** A run that waits for a free place. */
export interface WaitingRun {
  readonly name: string;
  readonly host: string;
  /** When it was to begin, on the monotonic clock. */
  readonly dueMs: number;
  /** Its monitor's last run kept a place for long: this one is expected to. */
  readonly isSlow: boolean;
}

export interface SlotLimits {
  readonly maxConcurrency: number;
  readonly maxConcurrencyPerHost: number;
}

/** A quarter of the places is never given to what is slow. */
const RESERVED_PART = 1 / 4;

/**
 * Runs that turn out to be slow while they go on wait for their targets and cost little: for those beyond the slow ones' share the others get places of
 * the same number, up to so many times `maxConcurrency`. Otherwise thousands of targets that hang all at once would take every place for one time-out.
 */
const LENT_PARTS = 3;

/**
 * The places for runs: so many in all, and so many of one host. Who finds none waits in the order of arrival; those that wait for their own
 * host hold up nobody else, and neither do those that were slow the last time, however many: they share three quarters of the places. For those that
 * become slow only now the others get places in their stead.
 */
export class RunSlots {
  readonly #limits: SlotLimits;
  readonly #taken = new Map<string, number>();
  #total = 0;
  #totalSlow = 0;
  /** Waiting for any place, by name. */
  readonly #waiting = new Map<string, WaitingRun>();
  /** The same of those that are slow. */
  readonly #waitingSlow = new Map<string, WaitingRun>();
  /** Waiting for a place of their host, by host and name. */
  readonly #blocked = new Map<string, Map<string, WaitingRun>>();

  constructor(limits: SlotLimits) {
    this.#limits = limits;
  }

  /** Takes a place, or has the run wait for one. @returns whether it may begin */
  take(run: WaitingRun): boolean {
    if (this.#isFull(run.host)) this.#block(run);
    else if (!this.#hasPlace(run)) this.#queueOf(run).set(run.name, run);
    else {
      this.#occupy(run);
      return true;
    }
    return false;
  }

  /** Whether a run waits that could begin if there were more places. */
  get isShort(): boolean {
    return this.#waiting.size > 0;
  }

  isWaiting({ name, host }: Pick<WaitingRun, 'name' | 'host'>): boolean {
    return this.#waiting.has(name) || this.#waitingSlow.has(name) || this.#blocked.get(host)?.has(name) === true;
  }

  /** Gives a place back that was taken as it says. @returns the runs that begin in its stead; their places are taken */
  release({ host, isSlow }: Pick<WaitingRun, 'host' | 'isSlow'>): WaitingRun[] {
    this.#total -= 1;
    if (isSlow) this.#totalSlow -= 1;
    const left = (this.#taken.get(host) ?? 1) - 1;
    if (left === 0) this.#taken.delete(host);
    else this.#taken.set(host, left);
    const freed = this.#unblock(host);
    if (freed) this.#queueOf(freed).set(freed.name, freed);
    return this.#fill();
  }

  /** A run that began as a quick one goes on for long: from now on it counts, and is given back, as a slow one. @returns the runs that begin now */
  turnSlow(): WaitingRun[] {
    this.#totalSlow += 1;
    return this.#fill();
  }

  #fill(): WaitingRun[] {
    const begin: WaitingRun[] = [];
    for (let run = this.#next(); run; run = this.#next()) {
      this.#queueOf(run).delete(run.name);
      if (this.#isFull(run.host)) {
        this.#block(run);
        continue;
      }
      this.#occupy(run);
      begin.push(run);
    }
    return begin;
  }

  /** Ends a run's waiting, if it waits. */
  forget({ name, host }: Pick<WaitingRun, 'name' | 'host'>): void {
    this.#waiting.delete(name);
    this.#waitingSlow.delete(name);
    this.#blocked.get(host)?.delete(name);
  }

  #isFull(host: string): boolean {
    return (this.#taken.get(host) ?? 0) >= this.#limits.maxConcurrencyPerHost;
  }

  #queueOf({ isSlow }: WaitingRun): Map<string, WaitingRun> {
    return isSlow ? this.#waitingSlow : this.#waiting;
  }

  #hasPlace({ isSlow }: WaitingRun): boolean {
    const { maxConcurrency } = this.#limits;
    const forSlow = maxConcurrency - Math.floor(maxConcurrency * RESERVED_PART);
    if (isSlow) return this.#total < maxConcurrency && this.#totalSlow < forSlow;
    const lent = Math.min(Math.max(0, this.#totalSlow - forSlow), LENT_PARTS * maxConcurrency);
    return this.#total - lent < maxConcurrency;
  }

  /** Of those for which there is a place the one that has been due the longest. */
  #next(): WaitingRun | undefined {
    const [quick] = this.#waiting.values();
    const [slow] = this.#waitingSlow.values();
    const [first, second] = [quick, slow]
      .filter((run) => run !== undefined && this.#hasPlace(run))
      .toSorted((a, b) => (a?.dueMs ?? 0) - (b?.dueMs ?? 0));
    return first ?? second;
  }

  #occupy({ host, isSlow }: WaitingRun): void {
    this.#total += 1;
    if (isSlow) this.#totalSlow += 1;
    this.#taken.set(host, (this.#taken.get(host) ?? 0) + 1);
  }

  #block(run: WaitingRun): void {
    const blocked = this.#blocked.get(run.host) ?? new Map<string, WaitingRun>();
    this.#blocked.set(run.host, blocked.set(run.name, run));
  }

  #unblock(host: string): WaitingRun | undefined {
    const blocked = this.#blocked.get(host);
    const [first] = blocked?.values() ?? [];
    if (first) blocked?.delete(first.name);
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
