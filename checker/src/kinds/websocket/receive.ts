import type { RawData, WebSocket } from 'ws';
import type { Verdict } from '../../verdict.ts';

/** Why no more messages are awaited. */
export type ReceptionEnd =
  | { readonly status: 'met' }
  | { readonly status: 'closed'; readonly code: number; readonly reason: string }
  /** `code` is the system's or ws's. */
  | { readonly status: 'failed'; readonly code: string }
  /** So many came that none will do. */
  | { readonly status: 'flooded' }
  | { readonly status: 'aborted' };

/** What came until then. */
export interface Reception {
  readonly end: ReceptionEnd;
  readonly messages: number;
  /** The latest message. */
  readonly latest: string | undefined;
  /** The verdict on the message that came nearest to what is expected; absent where none came. */
  readonly nearest: Verdict | undefined;
}

/** More messages than this are not looked at. */
export const MOST_MESSAGES = 1_000;

/** Takes messages until one is as expected (`judge` resolves to `undefined`), or none will come any more. */
export async function receiveUntil(
  webSocket: WebSocket,
  judge: (text: string) => Promise<Verdict | undefined>,
  signal: AbortSignal,
): Promise<Reception> {
  const inbox = new Inbox(webSocket, signal);
  let messages = 0;
  let latest: string | undefined;
  let nearest: Verdict | undefined;
  try {
    for (;;) {
      const next = await inbox.take();
      if (typeof next !== 'string') return { end: next, messages, latest, nearest };
      messages += 1;
      latest = next;
      const verdict = await judge(latest);
      if (verdict === undefined) return { end: { status: 'met' }, messages, latest, nearest };
      if (nearest?.outcome !== 'degraded' || verdict.outcome === 'degraded') nearest = verdict;
      if (messages >= MOST_MESSAGES) return { end: { status: 'flooded' }, messages, latest, nearest };
    }
  } finally {
    inbox.release();
  }
}

/** Messages that came and were not taken yet, and then why no more come. While one is judged nothing more is read. */
class Inbox {
  readonly #webSocket: WebSocket;
  readonly #signal: AbortSignal;
  readonly #messages: string[] = [];
  #end: ReceptionEnd | undefined;
  #wake: () => void = () => {};

  constructor(webSocket: WebSocket, signal: AbortSignal) {
    this.#webSocket = webSocket;
    this.#signal = signal;
    webSocket.on('message', this.#onMessage).on('close', this.#onClose).on('error', this.#onError);
    signal.addEventListener('abort', this.#onAbort, { once: true });
    if (signal.aborted) this.#onAbort();
  }

  async take(): Promise<string | ReceptionEnd> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) return message;
      if (this.#end) return this.#end;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      this.#webSocket.resume();
      await promise;
      this.#webSocket.pause();
    }
  }

  release(): void {
    this.#webSocket.off('message', this.#onMessage).off('close', this.#onClose).off('error', this.#onError);
    this.#signal.removeEventListener('abort', this.#onAbort);
  }

  #finish(end: ReceptionEnd): void {
    this.#end ??= end;
    this.#wake();
  }

  readonly #onMessage = (data: RawData): void => {
    // What is read at once can hold many; more than are looked at need not be kept.
    if (this.#messages.length < MOST_MESSAGES) this.#messages.push(textOf(data));
    this.#wake();
  };

  readonly #onClose = (code: number, reason: Buffer): void =>
    this.#finish({ status: 'closed', code, reason: reason.toString('utf8') });

  readonly #onError = (error: NodeJS.ErrnoException): void =>
    this.#finish({ status: 'failed', code: error.code ?? error.message });

  readonly #onAbort = (): void => {
    this.#messages.length = 0;
    this.#finish({ status: 'aborted' });
  };
}

/** Binary messages are read as UTF-8 too. */
function textOf(data: RawData): string {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as ArrayBuffer);
  return bytes.toString('utf8');
}

/** A server may take this long to answer the closing handshake. */
const CLOSE_MS = 1_000;

/**
 * Performs the closing handshake (RFC 6455, section 7.1.2), and closes the connection where the other side does not.
 * @returns the server's status code; 1006 where none came
 */
export function closePolitely(webSocket: WebSocket, signal: AbortSignal): Promise<number> {
  return new Promise((resolve) => {
    if (webSocket.readyState === webSocket.CLOSED) return resolve(1_006);
    const giveUp = (): void => webSocket.terminate();
    const timer = setTimeout(giveUp, CLOSE_MS);
    webSocket.once('close', (code) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
      resolve(code);
    });
    signal.addEventListener('abort', giveUp, { once: true });
    webSocket.resume();
    if (signal.aborted) giveUp();
    else webSocket.close(1_000);
    return undefined;
  });
}
