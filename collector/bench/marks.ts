import { randomFillSync } from 'node:crypto';

/** Spans, number points or log records of a request. */
export const ITEMS_PER_REQUEST = 500;

/** What stands in a template for what is unique in each request: bytes of its own for each id and each number. */
export class Marks {
  readonly random: Buffer[] = [];
  #times = 0n;

  /** Random bytes; what is written more than once in a request, as a trace's id, keeps to one value. */
  id(length: number): Buffer {
    const bytes = randomFillSync(Buffer.alloc(length));
    this.random.push(bytes);
    return bytes;
  }

  /** A time: `refresh` writes the time of sending there, plus `afterNs`. */
  time(): string {
    this.#times += 1n;
    return String(TIME_MARK_NS + this.#times);
  }
}

/** Far from any real time, so that the eight bytes are found. */
export const TIME_MARK_NS = 0x7a5b_3c1d_0000_0000n;

/** An attribute of text. */
export function text(key: string, value: string): object {
  return { key, value: { string_value: value } };
}

/** The five attributes of a resource. */
export function resourceOf(seed: number): object {
  return {
    attributes: [
      text('service.name', `shop-${seed % 5}`),
      text('service.version', '1.2.3'),
      text('host.name', 'host-1'),
      text('k8s.pod.name', `shop-${seed % 7}`),
      text('telemetry.sdk.language', 'nodejs'),
    ],
  };
}
