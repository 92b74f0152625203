import { judgeJson, type JsonQuestion } from './judge-json.ts';
import { JsonLane, type LaneOutcome } from './json-lane.ts';

/** What came of a question: `refused` where too many wait already. */
export type JsonOutcome = LaneOutcome | { readonly status: 'refused' };

/** How a question is asked. */
export interface AskOptions {
  /** Whom the text is of: what was slow before waits behind its like. */
  readonly target: string;
  /** Ends it: the time limit of the run. */
  readonly signal: AbortSignal;
}

/** What the judge tells of itself. */
export interface JsonFigures {
  readonly active: number;
  readonly waiting: number;
  /** Since the start: not judged because too many waited, and given up for time or memory. */
  readonly refused: number;
  readonly exhausted: number;
}

/** A text of this many characters takes the event loop about 10 ms at the very most where the path is plain. */
const INLINE_CHARACTERS = 64 * 1_024;
/** One selector at a time, without filter and descent: it looks at each value of a text once. */
const PLAIN_PATH = /^\$(?:\.(?:[\p{L}_][\p{L}\p{N}_-]*|\*)|\[(?:-?\d{1,15}|\*|'[^'\\]*'|"[^"\\]*")\])*$/u;
/** Jobs that wait for one thread. */
const MOST_WAITING = 1_000;
/** What takes the thread longer (its start included) shares one with its like the next time. */
const SLOW_MS = 500;
const MOST_SLOW = 10_000;

/**
 * Answers questions about JSON. What a target sends can make the parsing of a large text take seconds, and a query with a filter or a descent
 * all the time and memory there is: such questions go to two threads, one for what was slow the last time, and end with the run's
 * time limit. Small texts with plain paths are judged at once.
 */
export class JsonJudge {
  readonly #quick = new JsonLane();
  readonly #slow = new JsonLane();
  readonly #slowTargets = new Set<string>();
  #refused = 0;
  #exhausted = 0;

  async ask(text: string, question: JsonQuestion, { target, signal }: AskOptions): Promise<JsonOutcome> {
    if (text.length <= INLINE_CHARACTERS && PLAIN_PATH.test(question.path)) return judgeJson(text, question);
    const key = `${target} ${question.path}`;
    const lane = this.#slowTargets.has(key) ? this.#slow : this.#quick;
    if (lane.waiting >= MOST_WAITING) {
      this.#refused += 1;
      return { status: 'refused' };
    }
    const { outcome, tookMs } = await lane.run({ text, question }, signal);
    if (outcome.status === 'exhausted') this.#exhausted += 1;
    this.#remember(key, tookMs >= SLOW_MS);
    return outcome;
  }

  figures(): JsonFigures {
    const lanes = [this.#quick, this.#slow];
    return {
      active: lanes.filter(({ isBusy }) => isBusy).length,
      waiting: lanes.reduce((sum, { waiting }) => sum + waiting, 0),
      refused: this.#refused,
      exhausted: this.#exhausted,
    };
  }

  async stop(): Promise<void> {
    await Promise.all([this.#quick.stop(), this.#slow.stop()]);
  }

  #remember(key: string, isSlow: boolean): void {
    if (!isSlow) this.#slowTargets.delete(key);
    else if (this.#slowTargets.size < MOST_SLOW) this.#slowTargets.add(key);
  }
}

const judges = new WeakMap<object, JsonJudge>();

/** The judge of a network, shared by all its runs. */
export function jsonJudgeOf({ secureContext }: { readonly secureContext: object }): JsonJudge {
  const known = judges.get(secureContext) ?? new JsonJudge();
  judges.set(secureContext, known);
  return known;
}
