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

/** Takes messages until one is as expected (`judge` returns `undefined`), or none will come any more. */
export function receiveUntil(
  webSocket: WebSocket,
  judge: (text: string) => Verdict | undefined,
  signal: AbortSignal,
): Promise<Reception> {
  return new Promise((resolve) => {
    let messages = 0;
    let latest: string | undefined;
    let nearest: Verdict | undefined;
    const settle = (end: ReceptionEnd): void => {
      webSocket.off('message', onMessage).off('close', onClose).off('error', onError);
      signal.removeEventListener('abort', onAbort);
      resolve({ end, messages, latest, nearest });
    };
    const onMessage = (data: RawData): void => {
      messages += 1;
      latest = textOf(data);
      const verdict = judge(latest);
      if (verdict === undefined) return settle({ status: 'met' });
      if (nearest?.outcome !== 'degraded' || verdict.outcome === 'degraded') nearest = verdict;
      if (messages >= MOST_MESSAGES) settle({ status: 'flooded' });
      return undefined;
    };
    const onClose = (code: number, reason: Buffer): void =>
      settle({ status: 'closed', code, reason: reason.toString('utf8') });
    const onError = (error: NodeJS.ErrnoException): void =>
      settle({ status: 'failed', code: error.code ?? error.message });
    const onAbort = (): void => settle({ status: 'aborted' });
    webSocket.on('message', onMessage).on('close', onClose).on('error', onError);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) return onAbort();
    webSocket.resume();
    return undefined;
  });
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
