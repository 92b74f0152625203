import type { Envelope } from './envelope.ts';
import type { Batch, BatchSource } from './otlp-lane.ts';

/** Holds the newest list of monitors until the collector has taken it; an older one is worth nothing any more. */
export class ListSlot implements BatchSource {
  readonly #envelope: Envelope;
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
    this.onReady();
  }

  next(): Promise<Batch | undefined> {
    const list = this.#list;
    return Promise.resolve(list && { envelope: this.#envelope, payloads: [list], count: 1 });
  }

  done({ payloads }: Batch): Promise<void> {
    if (payloads[0] === this.#list) this.#list = undefined;
    return Promise.resolve();
  }
}
