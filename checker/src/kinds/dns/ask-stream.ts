import type { Socket } from 'node:net';
import { Conversation, type Finder } from '../../net/conversation.ts';
import type { Asked } from './ask-udp.ts';
import { type DnsQuery, decodeAnswer, type QueryMessage } from './message.ts';

/** A message and the two bytes of its length before it. RFC 1035, section 4.2.2. */
const wholeMessage: Finder<Buffer> = (received) => {
  const end = received.length < 2 ? Infinity : 2 + received.readUInt16BE(0);
  return received.length < end ? undefined : { value: received.subarray(2, end), takenBytes: end };
};

/** Asks over a connection (TCP, or TLS: RFC 7858). */
export async function askStream(
  socket: Socket,
  {
    query,
    message,
    signal,
  }: { readonly query: DnsQuery; readonly message: QueryMessage; readonly signal: AbortSignal },
): Promise<Asked> {
  const talk = new Conversation(socket, signal);
  try {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(message.bytes.length);
    talk.send(Buffer.concat([length, message.bytes]));
    for (;;) {
      const reception = await talk.receive(wholeMessage);
      switch (reception.status) {
        case 'found': {
          const decoded = decodeAnswer(reception.value, query, message.id);
          if (decoded.status === 'answer') return { status: 'answered', answer: decoded.answer };
          if (decoded.status === 'malformed') return { status: 'malformed' };
          break;
        }
        case 'overflow':
          return { status: 'malformed' };
        case 'closed':
          return { status: 'failed', code: 'UND_ERR_SOCKET' };
        case 'failed':
          return { status: 'failed', code: reception.code };
        case 'aborted':
          return { status: 'aborted' };
      }
    }
  } finally {
    talk.release();
  }
}
