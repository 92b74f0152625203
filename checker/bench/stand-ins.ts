// The processes around the checker under measurement: `targets` serves what is probed, `collector` takes results. Forked by checker.ts.
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcp, type Server as TcpServer, type Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { decodePoints } from '../test/otlp-decode.ts';

/** What a monitor's run told of itself. */
export type Told = readonly [monitor: string, endMs: number, latenessMs: number];
/** What `collector` answers when it is asked `'report'`. */
export interface Report {
  readonly runs: readonly Told[];
  readonly outcomes: Readonly<Record<string, number>>;
  readonly skipped: number;
}
/** What `targets` says when it listens. */
export interface Ports {
  readonly good: readonly number[];
  readonly hung: readonly number[];
}

const GOOD_SERVERS = 50;
const HUNG_SERVERS = 20;

if (process.argv[2] === 'targets') await serveTargets();
if (process.argv[2] === 'collector') await serveCollector();

function listen(server: Server | TcpServer): Promise<number> {
  return new Promise((resolve) => {
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1_024 }, () =>
      resolve((server.address() as AddressInfo).port),
    );
  });
}

async function serveTargets(): Promise<void> {
  const good = Array.from({ length: GOOD_SERVERS }, () => createServer((_request, response) => response.end('ok')));
  const held = new Set<Socket>();
  const hung = Array.from({ length: HUNG_SERVERS }, () =>
    createTcp((socket) => {
      held.add(socket);
      socket
        .on('error', () => {})
        .on('close', () => held.delete(socket))
        .resume();
    }),
  );
  const ports = { good: await Promise.all(good.map(listen)), hung: await Promise.all(hung.map(listen)) };
  process.send?.(ports satisfies Ports);
}

async function serveCollector(): Promise<void> {
  const runs: Told[] = [];
  const outcomes: Record<string, number> = {};
  let skipped = 0;
  const take = (body: Buffer): void => {
    for (const { name, value, timeMs, attributes } of decodePoints(body)) {
      if (name === 'tocsin.checker.runs.skipped') skipped = Math.max(skipped, value);
      const monitor = String(attributes['tocsin.monitor.name']);
      if (name === 'tocsin.probe.lateness') runs.push([monitor, timeMs, value * 1_000]);
      if (name !== 'tocsin.probe.runs') continue;
      const outcome = String(attributes['tocsin.probe.outcome']);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
  };
  const server = createServer((request, response) => {
    void request.toArray().then((chunks: Buffer[]) => {
      const body = Buffer.concat(chunks);
      response.setHeader('content-type', 'application/x-protobuf').end();
      if (request.url === '/v1/metrics') take(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body);
    });
  });
  process.on('message', (asked) => {
    if (asked === 'clear') runs.length = 0;
    if (asked === 'report') process.send?.({ runs, outcomes, skipped } satisfies Report);
  });
  process.send?.(await listen(server));
}
