import { createSocket } from 'node:dgram';
import type { ResolvedAddress } from '../../net/resolve.ts';
import { type DnsAnswer, type DnsQuery, decodeAnswer, type QueryMessage } from './message.ts';

/** What asking came to. `ignored` counts what came and was no answer to the query. */
export type Asked =
  | { readonly status: 'answered'; readonly answer: DnsAnswer }
  | { readonly status: 'malformed' }
  | { readonly status: 'failed'; readonly code: string }
  | { readonly status: 'aborted' };

/** A datagram that is lost is sent again after this long, each time after twice as long. */
const RESEND_AFTER_MS = 1_000;

/** Asks over UDP, again and again until an answer comes. The socket is bound to the server's address: others are not heard. */
export function askUdp(
  { address, family }: ResolvedAddress,
  port: number,
  {
    query,
    message,
    signal,
  }: { readonly query: DnsQuery; readonly message: QueryMessage; readonly signal: AbortSignal },
): Promise<Asked> {
  return new Promise((resolve) => {
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    let timer: NodeJS.Timeout | undefined;
    let isOpen = true;
    const settle = (asked: Asked): void => {
      if (!isOpen) return;
      isOpen = false;
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.close();
      resolve(asked);
    };
    const onAbort = (): void => settle({ status: 'aborted' });
    const fail = (error: NodeJS.ErrnoException): void =>
      settle({ status: 'failed', code: error.code ?? error.message });
    const send = (waitMs: number): void => {
      if (!isOpen) return;
      socket.send(message.bytes, (error) => error && fail(error));
      timer = setTimeout(() => send(waitMs * 2), waitMs);
    };
    socket.on('error', fail);
    socket.on('message', (bytes) => {
      const decoded = decodeAnswer(bytes, query, message.id);
      if (decoded.status === 'answer') settle({ status: 'answered', answer: decoded.answer });
      else if (decoded.status === 'malformed') settle({ status: 'malformed' });
    });
    socket.on('connect', () => send(RESEND_AFTER_MS));
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    else socket.connect(port, address);
  });
}
