import type { Overview } from '../../src/overview/overview-types.ts';

/** A reader of `GET /api/v1/events`. */
export class EventSourceUnderTest {
  readonly overviews: Overview[] = [];
  /** Settles when the stream is over, however it ends. */
  readonly ended: Promise<void>;
  readonly #controller = new AbortController();

  constructor(url: string, headers: Readonly<Record<string, string>> = {}) {
    this.ended = this.#read(url, headers).catch(() => undefined);
  }

  stop(): Promise<void> {
    this.#controller.abort();
    return this.ended;
  }

  async #read(url: string, headers: Readonly<Record<string, string>>): Promise<void> {
    const response = await fetch(url, { headers, signal: this.#controller.signal });
    let text = '';
    for await (const chunk of (response.body ?? new ReadableStream<Uint8Array>()).pipeThrough(
      new TextDecoderStream(),
    )) {
      text += chunk;
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) {
        const data = /^event: overview\ndata: (.*)$/s.exec(event)?.[1];
        if (data !== undefined) this.overviews.push(JSON.parse(data) as Overview);
      }
    }
  }
}
