import { Worker } from 'node:worker_threads';
import type { JsonFinding } from './judge-json.ts';
import type { JsonJob } from './json-thread.ts';

/** What came of a job: `exhausted` where it took all the time or memory there was. */
export type LaneOutcome = JsonFinding | { readonly status: 'exhausted'; readonly of: 'time' | 'memory' };

/** An outcome, and for how long the thread was at it. */
export interface JudgedJob {
  readonly outcome: LaneOutcome;
  readonly tookMs: number;
}

interface WaitingJob {
  readonly job: JsonJob;
  readonly signal: AbortSignal;
  readonly resolve: (judged: JudgedJob) => void;
  readonly reject: (error: unknown) => void;
}

/** So long a thread that has nothing to do is kept; to start one takes some 50 ms. */
const IDLE_MS = 30_000;
/** The heap of a thread: 64 MiB of JSON take about a third of it. */
const MAX_HEAP_MIB = 1_024;
const NOT_BEGUN: JudgedJob = { outcome: { status: 'exhausted', of: 'time' }, tookMs: 0 };
const OUT_OF_MEMORY = 'ERR_WORKER_OUT_OF_MEMORY';

/** A thread that judges one text after the other, and is ended with the job that takes too long. It starts with the first job. */
export class JsonLane {
  readonly #waiting: WaitingJob[] = [];
  #isBusy = false;
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;

  /** Jobs that wait, without the one that is judged. */
  get waiting(): number {
    return this.#waiting.length;
  }

  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Judges when its turn comes, until the signal aborts. Rejects where the thread failed by a mistake of ours. */
  run(job: JsonJob, signal: AbortSignal): Promise<JudgedJob> {
    const { promise, resolve, reject } = Promise.withResolvers<JudgedJob>();
    const waiting: WaitingJob = { job, signal, resolve, reject };
    const leave = (): void => {
      const at = this.#waiting.indexOf(waiting);
      if (at < 0) return;
      this.#waiting.splice(at, 1);
      resolve(NOT_BEGUN);
    };
    signal.addEventListener('abort', leave, { once: true });
    this.#waiting.push(waiting);
    if (signal.aborted) leave();
    else void this.#work();
    return promise.finally(() => signal.removeEventListener('abort', leave));
  }

  /** What waits is given up, and the thread ends. */
  async stop(): Promise<void> {
    clearTimeout(this.#idle);
    for (const { resolve } of this.#waiting.splice(0)) resolve(NOT_BEGUN);
    await this.#endThread();
  }

  async #work(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    clearTimeout(this.#idle);
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      const isSound = await this.#judge(next);
      // A thread that is ended while it parses goes on for a while: never are there two of them.
      if (!isSound) await this.#endThread();
    }
    this.#isBusy = false;
    // A thread with nothing to do keeps no process alive.
    this.#worker?.unref();
    this.#idle = setTimeout(() => void this.#endThread(), IDLE_MS).unref();
  }

  /** @returns whether the thread can go on */
  #judge({ job, signal, resolve, reject }: WaitingJob): Promise<boolean> {
    const worker = (this.#worker ??= startThread());
    worker.ref();
    const startMs = performance.now();
    const tell = (outcome: LaneOutcome): void => resolve({ outcome, tookMs: performance.now() - startMs });
    return new Promise((done) => {
      const settle = (isSound: boolean): void => {
        worker.off('message', onMessage).off('error', onError).off('exit', onExit);
        signal.removeEventListener('abort', onAbort);
        done(isSound);
      };
      const onMessage = (finding: JsonFinding): void => {
        tell(finding);
        settle(true);
      };
      const onError = (error: NodeJS.ErrnoException): void => {
        if (error.code === OUT_OF_MEMORY) tell({ status: 'exhausted', of: 'memory' });
        else reject(error);
        settle(false);
      };
      const onAbort = (): void => {
        tell({ status: 'exhausted', of: 'time' });
        settle(false);
      };
      const onExit = (): void => onAbort();
      worker.on('message', onMessage).on('error', onError).on('exit', onExit);
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) onAbort();
      else worker.postMessage(job);
    });
  }

  async #endThread(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }
}

function startThread(): Worker {
  const worker = new Worker(new URL('json-thread.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
  });
  // One that comes when nobody waits any more must not crash us.
  worker.on('error', () => {});
  return worker;
}
