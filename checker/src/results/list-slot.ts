import { randomUUID } from 'node:crypto';
import type { Envelope } from './envelope.ts';
import type { Batch, BatchSource } from './otlp-lane.ts';

/** Holds the newest list of monitors until the collector has taken it; an older one is worth nothing any more. */
export class ListSlot implements BatchSource {
  readonly #envelope: Envelope;
  readonly #producer = randomUUID();
  #sequence = 0;
  #list: Buffer | undefined;
  onReady: () => void = () => {};

  constructor(envelope: Envelope) {
    this.#envelope = envelope;
  }

  get size(): number {
    return this.#list ? 1 : 0;
  }

  put(list: Buffer): void {
    this.#list = list;
    this.#sequence += 1;
    this.onReady();
  }

  next(): Promise<Batch | undefined> {
    const list = this.#list;
    const key = `${this.#producer}/${this.#sequence}`;
    return Promise.resolve(list && { envelope: this.#envelope, payloads: [list], count: 1, key });
  }

  done({ payloads }: Batch): Promise<void> {
    if (payloads[0] === this.#list) this.#list = undefined;
    return Promise.resolve();
  }
}
