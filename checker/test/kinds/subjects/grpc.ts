import { type handleUnaryCall, Metadata, Server, ServerCredentials } from '@grpc/grpc-js';
import { makeCertificate } from '../../certificates.ts';
import { makeNetwork } from '../../monitors.ts';
import { findClosedPort, serveDeaf, serveTcp, type TestServer } from '../../servers.ts';
import { configure } from '../configured.ts';
import { nobody, targetAt } from '../targets.ts';
import type { ContractSubject } from '../contract.ts';

/** What a health request says. */
interface Asked {
  readonly service: string;
}
type Answering = handleUnaryCall<Asked, number>;
const path = '/grpc.health.v1.Health/Check';
const ca = makeCertificate({ name: 'ca', authority: true });
export const good = makeCertificate({ name: 'api', hosts: ['api.test'], issuer: ca });
export const network = makeNetwork({ ca: ca.cert });

/** A real gRPC server; health messages are a name and a number. */
export async function serveGrpc(
  check: Answering | undefined,
  credentials = ServerCredentials.createInsecure(),
): Promise<TestServer> {
  const server = new Server();
  const definition = {
    Check: {
      path,
      requestStream: false,
      responseStream: false,
      requestSerialize: ({ service }: Asked) => Buffer.from(service),
      requestDeserialize: (bytes: Buffer) => ({ service: bytes.subarray(2).toString() }),
      responseSerialize: (status: number) => (status === 0 ? Buffer.alloc(0) : Buffer.from([0x08, status])),
      responseDeserialize: (bytes: Buffer) => bytes[1] ?? 0,
    },
  };
  if (check) server.addService(definition, { Check: check });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound))),
  );
  return { port, url: `grpc://127.0.0.1:${port}`, [Symbol.asyncDispose]: async () => server.forceShutdown() };
}

const saying =
  (status: number): Answering =>
  (_call, callback) =>
    callback(null, status);
const failing =
  (code: number, details: string): Answering =>
  (_call, callback) =>
    callback({ code, details, metadata: new Metadata() });
const target =
  (check: Answering | undefined, settings: object = {}) =>
  async () => {
    const server = await serveGrpc(check);
    return targetAt(server, await configure({ grpc: `api.test:${server.port}`, ...settings }));
  };
const BRIEF = { timeout: '200ms' };
const base = await configure({ grpc: 'api.test:9' });

/** What kind grpc brings to the contract of all kinds. */
export const grpcSubject: ContractSubject<'grpc'> = {
  kind: 'grpc',
  up: target(saying(1)),
  down: [
    ['grpc_not_serving', target(saying(2))],
    ['grpc_service_unknown', target(failing(5, 'no such service'), { service: 'shop.Cart' })],
    ['grpc_unimplemented', target(undefined)],
    ['grpc_status', target(failing(16, 'who are you'))],
    ['connect_refused', async () => targetAt(nobody, await configure({ grpc: `127.0.0.1:${await findClosedPort()}` }))],
    [
      'protocol_error',
      async () => {
        const server = await serveTcp((socket) =>
          socket.resume().write('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n'),
        );
        return targetAt(server, await configure({ grpc: `127.0.0.1:${server.port}` }));
      },
    ],
  ],
  hanging: [
    ['never answers', target(() => {}, BRIEF)],
    [
      'never accepts',
      async () => {
        const server = await serveDeaf();
        return targetAt(server, await configure({ grpc: `127.0.0.1:${server.port}`, ...BRIEF }));
      },
    ],
    [
      'never speaks',
      async () => {
        const server = await serveTcp((socket) => socket.resume());
        return targetAt(server, await configure({ grpc: `127.0.0.1:${server.port}`, ...BRIEF }));
      },
    ],
  ],
  atHost: (host) => ({ ...base, ...(base.kind === 'grpc' ? { endpoint: { host, port: 9 } } : {}) }),
  leaking: [
    ['tok-12345'],
    target(
      (call, callback) =>
        callback({ code: 7, details: `not ${call.metadata.get('authorization').join()}`, metadata: new Metadata() }),
      { metadata: { authorization: 'Bearer tok-12345' } },
    ),
  ],
};
