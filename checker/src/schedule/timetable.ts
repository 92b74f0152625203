/** A run that is due. */
export interface DueRun {
  readonly name: string;
  /** When it was to begin, on the monotonic clock. */
  readonly dueMs: number;
  /** How many runs before this one are left out, because nobody asked for longer than an interval. */
  readonly missed: number;
}

interface Entry {
  readonly name: string;
  readonly intervalMs: number;
  dueMs: number;
}

/**
 * When each monitor with an interval is next due. Time comes with every call and must not step, only creep, stand or jump
 * ahead; due times are multiples of the interval from the first one, so that no delay ever shifts them.
 */
export class Timetable {
  /** A binary heap by `dueMs`. Removed entries stay in it until they come up. */
  readonly #heap: Entry[] = [];
  readonly #byName = new Map<string, Entry>();

  /** Adds a monitor, or gives it a new interval and first due time. */
  set(name: string, intervalMs: number, firstDueMs: number): void {
    const entry = { name, intervalMs, dueMs: firstDueMs };
    this.#byName.set(name, entry);
    this.#push(entry);
  }

  remove(name: string): void {
    this.#byName.delete(name);
  }

  /** When the next run is due, or `undefined` where there is none. */
  nextDueMs(): number | undefined {
    this.#dropRemoved();
    return this.#heap[0]?.dueMs;
  }

  /** Takes every run that is due by `nowMs`, the earliest first, one a monitor, and plans the next of each. */
  takeDue(nowMs: number): DueRun[] {
    const due: DueRun[] = [];
    for (;;) {
      this.#dropRemoved();
      const entry = this.#heap[0];
      if (!entry || entry.dueMs > nowMs) return due;
      this.#pop();
      const missed = Math.floor((nowMs - entry.dueMs) / entry.intervalMs);
      const dueMs = entry.dueMs + missed * entry.intervalMs;
      due.push({ name: entry.name, dueMs, missed });
      entry.dueMs = dueMs + entry.intervalMs;
      this.#push(entry);
    }
  }

  #dropRemoved(): void {
    for (let top = this.#heap[0]; top && this.#byName.get(top.name) !== top; top = this.#heap[0]) this.#pop();
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let index = heap.length;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (!parent || parent.dueMs <= entry.dueMs) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const moved = heap.pop();
    if (!moved || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const left = heap[2 * index + 1];
      const right = heap[2 * index + 2];
      const child = right && left && right.dueMs < left.dueMs ? right : left;
      if (!child || child.dueMs >= moved.dueMs) break;
      heap[index] = child;
      index = 2 * index + (child === left ? 1 : 2);
    }
    heap[index] = moved;
  }
}
