import type { Socket } from 'node:net';
import { RPC_CODE, statusAsJson } from '../status.ts';

const STATUSES = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large', 'the headers are too large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'the request took too long to arrive'],
} as const;
const OTHERWISE = [400, 'Bad Request', 'not an HTTP request'] as const;

/**
 * Answers what Node's parser refuses before there is a request: with a status in JSON, for what the body would have been is not known. The
 * connection ends with it.
 */
export function answerParserError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, phrase, message] = Object.hasOwn(STATUSES, error.code ?? '')
    ? STATUSES[error.code as keyof typeof STATUSES]
    : OTHERWISE;
  const code = status === 408 ? RPC_CODE.deadlineExceeded : RPC_CODE.invalidArgument;
  const body = statusAsJson({ code, message });
  const head = [
    `HTTP/1.1 ${status} ${phrase}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
