/** Work that is under way. */
export interface TaskSet {
  add(task: Promise<void>): void;
  /** Resolves when none is left; what is added meanwhile is waited for as well. */
  idle(): Promise<void>;
}

/** Remembers tasks until they end. */
export function createTaskSet(): TaskSet {
  const running = new Set<Promise<void>>();
  return {
    add(task) {
      const tracked = task.finally(() => running.delete(tracked));
      running.add(tracked);
    },
    async idle() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}
