import { connect, type Socket } from 'node:net';
import type { ResolvedAddress } from './resolve.ts';

/** An attempt that did not lead to a connection. */
export interface FailedAttempt {
  readonly address: string;
  /** The system's error code, as `ECONNREFUSED`; `pending` where another address won meanwhile. */
  readonly code: string;
}

/** An attempt with the time it took, in milliseconds. */
export interface ConnectAttempt extends FailedAttempt {
  readonly afterMs: number;
}

export type ConnectOutcome =
  | {
      readonly status: 'connected';
      readonly socket: Socket;
      readonly address: string;
      /** The attempts before it that did not lead to a connection. */
      readonly attempts: readonly ConnectAttempt[];
    }
  | { readonly status: 'failed'; readonly attempts: readonly ConnectAttempt[] }
  | { readonly status: 'aborted' };

export interface ConnectOptions {
  readonly port: number;
  readonly signal: AbortSignal;
  /** How long an attempt may take before the next address is tried beside it. */
  readonly attemptDelayMs?: number;
}

/** A name with more addresses than this is not tried to its end. */
const MAX_ATTEMPTS = 8;

/** RFC 8305, section 8: the recommended Connection Attempt Delay. */
const ATTEMPT_DELAY_MS = 250;

/**
 * Opens a TCP connection to the first address that answers. Each further address starts when the one before it failed or took
 * `attemptDelayMs`; slow attempts go on beside the later ones. Source: RFC 8305, section 5 ("Connection Attempts").
 */
export function connectFirst(addresses: readonly ResolvedAddress[], options: ConnectOptions): Promise<ConnectOutcome> {
  return new Promise((resolve) => new ConnectRace(addresses.slice(0, MAX_ATTEMPTS), options, resolve).start());
}

class ConnectRace {
  readonly #waiting: ResolvedAddress[];
  readonly #options: ConnectOptions;
  readonly #report: (outcome: ConnectOutcome) => void;
  readonly #open = new Map<Socket, { readonly address: string; readonly startMs: number }>();
  readonly #attempts: ConnectAttempt[] = [];
  #timer: NodeJS.Timeout | undefined;
  #settled = false;

  constructor(addresses: readonly ResolvedAddress[], options: ConnectOptions, report: (o: ConnectOutcome) => void) {
    this.#waiting = [...addresses];
    this.#options = options;
    this.#report = report;
  }

  start(): void {
    const { signal } = this.#options;
    if (signal.aborted) return this.#settle({ status: 'aborted' });
    signal.addEventListener('abort', this.#onAbort, { once: true });
    return this.#attemptNext();
  }

  readonly #onAbort = (): void => this.#settle({ status: 'aborted' });

  readonly #attemptNext = (): void => {
    clearTimeout(this.#timer);
    const target = this.#waiting.shift();
    if (!target) return;
    const { address } = target;
    const socket = connect({ host: address, port: this.#options.port, autoSelectFamily: false, noDelay: true });
    const startMs = performance.now();
    const onError = (error: NodeJS.ErrnoException): void => {
      this.#open.delete(socket);
      // Stays as a listener: an error that comes before the next user of the socket listens must not crash us.
      if (this.#settled) return;
      this.#attempts.push({ address, code: error.code ?? error.message, afterMs: performance.now() - startMs });
      if (this.#waiting.length > 0) this.#attemptNext();
      else if (this.#open.size === 0) this.#settle({ status: 'failed', attempts: this.#attempts });
    };
    socket.on('error', onError);
    socket.once('connect', () => {
      this.#open.delete(socket);
      if (this.#settled) socket.destroy();
      else this.#settle({ status: 'connected', socket, address, attempts: this.#tried() });
    });
    this.#open.set(socket, { address, startMs });
    if (this.#waiting.length > 0) {
      this.#timer = setTimeout(this.#attemptNext, this.#options.attemptDelayMs ?? ATTEMPT_DELAY_MS);
    }
  };

  /** What has failed and what is still awaited. */
  #tried(): readonly ConnectAttempt[] {
    const nowMs = performance.now();
    const pending = [...this.#open.values()].map(({ address, startMs }) => ({
      address,
      code: 'pending',
      afterMs: nowMs - startMs,
    }));
    return [...this.#attempts, ...pending];
  }

  #settle(outcome: ConnectOutcome): void {
    if (this.#settled) return;
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    for (const socket of this.#open.keys()) socket.destroy();
    this.#report(outcome);
  }
}
