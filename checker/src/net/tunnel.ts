import type { Socket } from 'node:net';

export type TunnelOutcome =
  | { readonly status: 'open' }
  /** The proxy answered something else than 2xx. */
  | { readonly status: 'refused'; readonly statusCode: number }
  /** `code` is the system's, or `closed` or `not_http`. */
  | { readonly status: 'failed'; readonly code: string }
  | { readonly status: 'aborted' };

export interface TunnelOptions {
  /** `host:port`, IPv6 in brackets. */
  readonly authority: string;
  readonly authorization: string | undefined;
  readonly signal: AbortSignal;
}

/** A proxy's answer to CONNECT is small. */
const MAX_ANSWER_BYTES = 16 * 2 ** 10;

/**
 * Asks a proxy, on a connection to it, for a tunnel (HTTP CONNECT; RFC 9110, section 9.3.6). The connection is closed unless the tunnel
 * is open. What the target sends first is left on the connection.
 */
export function openTunnel(
  socket: Socket,
  { authority, authorization, signal }: TunnelOptions,
): Promise<TunnelOutcome> {
  return new Promise((resolve) => {
    let answer = Buffer.alloc(0);
    const settle = (outcome: TunnelOutcome): void => {
      signal.removeEventListener('abort', onAbort);
      socket.off('data', onData).off('error', onError).off('close', onClose);
      if (outcome.status !== 'open') {
        socket.on('error', () => {});
        socket.destroy();
      }
      resolve(outcome);
    };
    const onAbort = (): void => settle({ status: 'aborted' });
    const onError = (error: NodeJS.ErrnoException): void => settle({ status: 'failed', code: error.code ?? 'closed' });
    const onClose = (): void => settle({ status: 'failed', code: 'closed' });
    const onData = (chunk: Buffer): void => {
      answer = Buffer.concat([answer, chunk]);
      const end = answer.indexOf('\r\n\r\n');
      if (end < 0 && answer.length <= MAX_ANSWER_BYTES) return;
      const statusCode = /^HTTP\/1\.[01] (\d{3})(?: |\r)/.exec(answer.toString('latin1', 0, Math.max(end, 0) + 2))?.[1];
      if (end < 0 || statusCode === undefined) return settle({ status: 'failed', code: 'not_http' });
      if (!statusCode.startsWith('2')) return settle({ status: 'refused', statusCode: Number(statusCode) });
      socket.pause();
      settle({ status: 'open' });
      const rest = answer.subarray(end + 4);
      if (rest.length > 0) socket.unshift(rest);
      return undefined;
    };
    socket.on('data', onData).on('error', onError).on('close', onClose);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) return onAbort();
    const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`];
    if (authorization !== undefined) lines.push(`Proxy-Authorization: ${authorization}`);
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    return undefined;
  });
}
