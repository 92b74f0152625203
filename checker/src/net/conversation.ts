import type { Socket } from 'node:net';

/** What waiting for the other side came to. `received` is everything that came and was not taken out. */
export type Reception<T> =
  | { readonly status: 'found'; readonly value: T }
  | { readonly status: 'closed'; readonly received: Buffer }
  | { readonly status: 'overflow'; readonly received: Buffer }
  | { readonly status: 'failed'; readonly code: string; readonly received: Buffer }
  | { readonly status: 'aborted'; readonly received: Buffer };

/** Looks for what is awaited at the beginning of all that came; `takenBytes` of it are then gone. */
export type Finder<T> = (received: Buffer) => { readonly value: T; readonly takenBytes: number } | undefined;

/** A side that says more than this without what is awaited is not what we expected. */
const MAX_RECEIVED_BYTES = 64 * 1024;

/** Talks by turns over a connection: sends, and waits until something certain has come. One wait at a time. */
export class Conversation {
  readonly #socket: Socket;
  readonly #signal: AbortSignal;
  #received: Buffer = Buffer.alloc(0);
  #ended = false;
  #failure: string | undefined;
  #wake: () => void = () => {};

  constructor(socket: Socket, signal: AbortSignal) {
    this.#socket = socket;
    this.#signal = signal;
    socket.on('data', this.#onData);
    socket.on('error', this.#onError);
    socket.on('end', this.#onEnd);
    socket.on('close', this.#onEnd);
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** What came and was not taken out yet. */
  get received(): Buffer {
    return this.#received;
  }

  send(bytes: Uint8Array | string): void {
    if (!this.#ended && this.#failure === undefined) this.#socket.write(bytes);
  }

  /** Waits until `find` finds something in what has come, or nothing more can come. */
  async receive<T>(find: Finder<T>): Promise<Reception<T>> {
    for (;;) {
      const received = this.#received;
      const found = find(received);
      if (found) {
        this.#received = received.subarray(found.takenBytes);
        return { status: 'found', value: found.value };
      }
      if (received.length > MAX_RECEIVED_BYTES) return { status: 'overflow', received };
      if (this.#failure !== undefined) return { status: 'failed', code: this.#failure, received };
      if (this.#ended) return { status: 'closed', received };
      if (this.#signal.aborted) return { status: 'aborted', received };
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      this.#socket.resume();
      await promise;
      this.#socket.pause();
    }
  }

  /** Ends the conversation and leaves the connection as it is. */
  release(): void {
    this.#socket.pause();
    this.#socket.off('data', this.#onData);
    this.#socket.off('end', this.#onEnd);
    this.#socket.off('close', this.#onEnd);
    this.#signal.removeEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = (): void => this.#wake();

  readonly #onData = (chunk: Buffer): void => {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    this.#wake();
  };

  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#wake();
  };

  readonly #onError = (error: NodeJS.ErrnoException): void => {
    this.#failure ??= error.code ?? error.message;
    this.#wake();
  };
}
