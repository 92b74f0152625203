/** Bounds the bytes of all requests that are in memory at once. Nobody waits: what does not fit is refused. */
export class ByteBudget {
  readonly limitBytes: number;
  #usedBytes = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Opens an account for one request. */
  open(): ByteAccount {
    return new ByteAccount((bytes) => this.#take(bytes));
  }

  #take(bytes: number): boolean {
    if (bytes > 0 && this.#usedBytes + bytes > this.limitBytes) return false;
    this.#usedBytes += bytes;
    return true;
  }
}

/** What one request holds of a budget. */
export class ByteAccount {
  readonly #take: (bytes: number) => boolean;
  #bytes = 0;

  constructor(take: (bytes: number) => boolean) {
    this.#take = take;
  }

  /** Takes more. @returns false, and takes nothing, when the budget has not as much left */
  add(bytes: number): boolean {
    if (!this.#take(bytes)) return false;
    this.#bytes += bytes;
    return true;
  }

  /** Gives everything back. Idempotent. */
  close(): void {
    this.#take(-this.#bytes);
    this.#bytes = 0;
  }
}
