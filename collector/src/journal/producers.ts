import type { RequestKey, Signal } from '../signal.ts';
import { addSequence, judgeSequence, type SequenceState, type SequenceWindow } from './sequence-window.ts';

/** What is known of one producer's requests of one signal. */
export interface KnownProducer {
  readonly sender: string;
  readonly producer: string;
  readonly signal: Signal;
  readonly window: SequenceWindow;
}

/**
 * Remembers which requests with a key have been stored, of at most `limit` producers (each signal of one counts). Past it the one that has been
 * silent longest leaves, of the sender that has most: nobody can make the collector forget the producers of others.
 */
export class Producers {
  readonly #limit: number;
  /** By sender, then by producer and signal; in each the one that has been silent longest first. */
  readonly #senders = new Map<string, Map<string, KnownProducer>>();
  #count = 0;
  #forgotten = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get count(): number {
    return this.#count;
  }

  /** How many had to leave. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** What is known of a request. */
  find(signal: Signal, { sender, producer, sequence }: RequestKey): SequenceState {
    const producers = this.#senders.get(sender);
    const known = producers?.get(nameOf(producer, signal));
    if (producers && known) moveToEnd(producers, known);
    return judgeSequence(known?.window, sequence);
  }

  /** A request is on the disk. */
  note(signal: Signal, { sender, producer, sequence }: RequestKey): void {
    const window = this.#senders.get(sender)?.get(nameOf(producer, signal))?.window;
    this.put({ sender, producer, signal, window: addSequence(window, sequence) });
  }

  /** Knows this of a producer from now on. */
  put(known: KnownProducer): void {
    let producers = this.#senders.get(known.sender);
    if (!producers) this.#senders.set(known.sender, (producers = new Map<string, KnownProducer>()));
    if (!producers.has(nameOf(known.producer, known.signal))) this.#count += 1;
    moveToEnd(producers, known);
    while (this.#count > this.#limit) this.#forgetOne();
  }

  /** All there are; of each sender the one that has been silent longest first. */
  list(): readonly KnownProducer[] {
    return [...this.#senders.values()].flatMap((producers) => [...producers.values()]);
  }

  #forgetOne(): void {
    const [most] = [...this.#senders].toSorted(([, a], [, b]) => b.size - a.size);
    if (!most) return;
    const [sender, producers] = most;
    for (const name of producers.keys()) {
      producers.delete(name);
      break;
    }
    if (producers.size === 0) this.#senders.delete(sender);
    this.#count -= 1;
    this.#forgotten += 1;
  }
}

function moveToEnd(producers: Map<string, KnownProducer>, known: KnownProducer): void {
  const name = nameOf(known.producer, known.signal);
  producers.delete(name);
  producers.set(name, known);
}

function nameOf(producer: string, signal: Signal): string {
  return `${producer} ${signal}`;
}
