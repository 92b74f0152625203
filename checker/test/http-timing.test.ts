import { createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { makeMonitor, makeNetwork, probe } from './monitors.ts';
import { EXACT_MS, measureRuns, tellDifferences } from './phase-times.ts';
import { listenWith, serveTcp } from './servers.ts';

/** Of all runs the difference of the one in the middle, in the phase in which it differs most, ms. */
async function medianOff(
  name: string,
  url: string,
  expected: Readonly<Record<string, () => number>>,
  network = makeNetwork(),
): Promise<number> {
  const found = await measureRuns(async () => {
    const { phases } = await probe(makeMonitor(url), network);
    const off = Object.entries(expected).map(([phaseName, ms]) => {
      const told = phases.filter((phase) => phase.name === phaseName);
      return Math.abs(told.reduce((sum, { durationMs }) => sum + durationMs, 0) - ms());
    });
    return Math.max(...off);
  });
  tellDifferences(name, found);
  return found.medianMs;
}

/** Waits, and says how long it really took: what a phase is compared with. */
function delay(socket: Socket, ms: number, run: (tookMs: number) => void): void {
  const startMs = performance.now();
  const timer = setTimeout(() => run(performance.now() - startMs), ms);
  socket.on('close', () => clearTimeout(timer));
}

test('request and transfer agree with a server that delays each, within 5 ms', async () => {
  let [requestMs, transferMs] = [0, 0];
  await using server = await serveTcp((socket) => {
    socket.once('data', () => {
      delay(socket, 40, (waitedMs) => {
        requestMs = waitedMs;
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab');
        delay(socket, 70, (sentMs) => {
          transferMs = sentMs;
          socket.end('cd');
        });
      });
    });
  });
  expect(
    await medianOff('http, request and transfer', server.url, { request: () => requestMs, transfer: () => transferMs }),
  ).toBeLessThan(EXACT_MS);
});

test('an interim response is the first byte: what comes before it is request, what after it transfer', async () => {
  let [requestMs, transferMs] = [0, 0];
  await using server = await serveTcp((socket) => {
    socket.once('data', () => {
      delay(socket, 30, (waitedMs) => {
        requestMs = waitedMs;
        socket.write('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
        delay(socket, 50, (sentMs) => {
          transferMs = sentMs;
          socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
        });
      });
    });
  });
  expect(
    await medianOff('http, an interim response', server.url, { request: () => requestMs, transfer: () => transferMs }),
  ).toBeLessThan(EXACT_MS);
});

test('resolve agrees with a resolver that delays, within 5 ms', async () => {
  let resolveMs = 0;
  await using server = await serveTcp((socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 204 No Content\r\n\r\n'));
  });
  const network = {
    ...makeNetwork(),
    async lookup() {
      const startMs = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 45));
      resolveMs = performance.now() - startMs;
      return [{ address: '127.0.0.1', family: 4 }];
    },
  };
  const url = `http://slow.test:${server.port}/`;
  expect(await medianOff('http, resolve', url, { resolve: () => resolveMs, connect: () => 0 }, network)).toBeLessThan(
    EXACT_MS,
  );
});

test('tls agrees with a server that answers the handshake late, within 5 ms', async () => {
  let tlsMs = 0;
  // The handshake of a client that is told "no" after a while: the phase ends with the answer.
  await using server = await listenWith(
    createServer((socket) => {
      socket
        .on('error', () => {})
        .once('data', () => {
          delay(socket, 60, (waitedMs) => {
            tlsMs = waitedMs;
            // A fatal alert, handshake_failure. Source: RFC 8446, section 6.
            socket.end(Buffer.from([21, 3, 3, 0, 2, 2, 40]));
          });
        });
    }),
    'https',
  );
  expect(await medianOff('http, a handshake that is refused', server.url, { tls: () => tlsMs })).toBeLessThan(EXACT_MS);
});
