import { createSocket } from 'node:dgram';
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

/** Serves DNS over UDP and TCP on one port of loopback. */
export async function serveDns(replying: Replying): Promise<TestServer> {
  const udp = createSocket('udp4');
  udp.on('message', (bytes, { port, address }) => {
    const query = decode(bytes);
    const answer = replying(query, 'udp');
    if (answer === undefined) return;
    const isBytes = Buffer.isBuffer(answer) || (Array.isArray(answer) && Buffer.isBuffer(answer[0]));
    const messages = isBytes ? [answer as Buffer | Buffer[]].flat() : [encode(reply(query, answer as Packet))];
    for (const message of messages) udp.send(message, port, address);
  });
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
    socket.on('data', (bytes: Buffer) => {
      const query = streamDecode(bytes) as DecodedPacket;
      const answer = replying(query, 'tcp');
      if (answer === undefined) return;
      socket.write(Buffer.isBuffer(answer) ? answer : streamEncode(reply(query, answer as Packet)));
    });
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
export function serveDot({ cert, key }: MadeCertificate, replying: Replying): Promise<TestServer> {
  return serveTls({ cert, key, ALPNProtocols: ['dot'] }, (socket) => {
    socket.on('data', (bytes: Buffer) => {
      const query = streamDecode(bytes) as DecodedPacket;
      const answer = replying(query, 'tls');
      if (answer !== undefined) socket.write(streamEncode(reply(query, answer as Packet)));
    });
  });
}
