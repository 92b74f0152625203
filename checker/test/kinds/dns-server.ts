import { createSocket, type RemoteInfo } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import { type Answer, decode, type DecodedPacket, encode, type Packet, streamDecode, streamEncode } from 'dns-packet';
import { serveTcp, type TestServer } from '../servers.ts';
import type { MadeCertificate } from '../certificates.ts';
import { serveTls } from './targets.ts';

/** What a test's server says to a query: records, a whole packet, raw bytes, or nothing. */
export type Replying = (
  query: DecodedPacket,
  over: 'udp' | 'tcp' | 'tls',
) => readonly Answer[] | Packet | Buffer | Buffer[] | undefined;

function reply(query: DecodedPacket, answer: readonly Answer[] | Packet): Packet {
  const base: Packet = { type: 'response', id: query.id ?? 0, flags: 0x80, questions: query.questions ?? [] };
  return Array.isArray(answer) ? { ...base, answers: [...(answer as Answer[])] } : { ...base, ...(answer as Packet) };
}

/** What a test's server waits for before it says anything. */
export type Delaying = (over: 'udp' | 'tcp' | 'tls') => Promise<void>;
const atOnce: Delaying = () => Promise.resolve();

/** Serves DNS over UDP and TCP on one port of loopback. */
export async function serveDns(replying: Replying, delaying: Delaying = atOnce): Promise<TestServer> {
  const udp = createSocket('udp4');
  const answerTo = async (bytes: Buffer, { port, address }: RemoteInfo): Promise<void> => {
    const query = decode(bytes);
    await delaying('udp');
    const answer = replying(query, 'udp');
    if (answer === undefined) return;
    const isBytes = Buffer.isBuffer(answer) || (Array.isArray(answer) && Buffer.isBuffer(answer[0]));
    const messages = isBytes ? [answer as Buffer | Buffer[]].flat() : [encode(reply(query, answer as Packet))];
    for (const message of messages) udp.send(message, port, address);
  };
  udp.on('message', (bytes, from) => void answerTo(bytes, from));
  for (;;) {
    await using held = await serveTcp(() => {});
    await held[Symbol.asyncDispose]();
    const bound = await new Promise<boolean>((resolve) => {
      udp.once('error', () => resolve(false));
      udp.bind(held.port, '127.0.0.1', () => resolve(true));
    });
    if (bound) break;
  }
  const { port } = udp.address() as AddressInfo;
  const tcp = await serveTcp((socket) => {
    const answerTo = async (bytes: Buffer): Promise<void> => {
      const query = streamDecode(bytes) as DecodedPacket;
      await delaying('tcp');
      const answer = replying(query, 'tcp');
      if (answer === undefined) return;
      socket.write(Buffer.isBuffer(answer) ? answer : streamEncode(reply(query, answer as Packet)));
    };
    socket.on('data', (bytes: Buffer) => void answerTo(bytes));
  }, port);
  return {
    port,
    url: `dns://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => void udp.close(resolve));
      await tcp[Symbol.asyncDispose]();
    },
  };
}

/** Serves DNS over TLS on loopback. */
export function serveDot(
  { cert, key }: MadeCertificate,
  replying: Replying,
  delaying: Delaying = atOnce,
): Promise<TestServer> {
  return serveTls({ cert, key, ALPNProtocols: ['dot'] }, (socket) => {
    const answerTo = async (bytes: Buffer): Promise<void> => {
      const query = streamDecode(bytes) as DecodedPacket;
      await delaying('tls');
      const answer = replying(query, 'tls');
      if (answer !== undefined) socket.write(streamEncode(reply(query, answer as Packet)));
    };
    socket.on('data', (bytes: Buffer) => void answerTo(bytes));
  });
}
