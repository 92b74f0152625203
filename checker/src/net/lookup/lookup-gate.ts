/** How many lookups go on at once. */
export interface LookupGateOptions {
  /** So many may be waiting for their answer at once, of those that have not waited for long. */
  readonly most: number;
  /** One that has waited for so long counts no more: what hangs holds up nobody. Absent: it counts until it ends. */
  readonly forgetAfterMs?: number;
  /** However long they have waited, no more than this go on at once; a further one waits. */
  readonly mostInAll: number;
  /** So many may wait for their turn; any more are refused. */
  readonly mostWaiting: number;
}

/** Lets lookups pass: not too many at once for a resolver and our sockets, and none held up by others that hang. */
export class LookupGate {
  readonly #options: LookupGateOptions;
  readonly #waiting: (() => void)[] = [];
  #counted = 0;
  #inAll = 0;

  constructor(options: LookupGateOptions) {
    this.#options = options;
  }

  /** How many go on, those that hang among them. */
  get active(): number {
    return this.#inAll;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Runs a lookup when its turn comes. @returns `undefined` where too many wait already */
  run<T>(lookup: () => Promise<T>): Promise<T> | undefined {
    const { mostWaiting } = this.#options;
    if (this.#isOpen()) return this.#start(lookup);
    if (this.#waiting.length >= mostWaiting) return undefined;
    return new Promise((resolve) => this.#waiting.push(() => resolve(this.#start(lookup))));
  }

  #isOpen(): boolean {
    const { most, mostInAll } = this.#options;
    return this.#counted < most && this.#inAll < mostInAll;
  }

  async #start<T>(lookup: () => Promise<T>): Promise<T> {
    const { forgetAfterMs } = this.#options;
    this.#counted += 1;
    this.#inAll += 1;
    let isCounted = true;
    const forget = (): void => {
      if (isCounted) this.#counted -= 1;
      isCounted = false;
      this.#letNext();
    };
    const timer = forgetAfterMs === undefined ? undefined : setTimeout(forget, forgetAfterMs);
    try {
      return await lookup();
    } finally {
      clearTimeout(timer);
      this.#inAll -= 1;
      forget();
    }
  }

  #letNext(): void {
    while (this.#isOpen()) {
      const next = this.#waiting.shift();
      if (!next) return;
      next();
    }
  }
}
