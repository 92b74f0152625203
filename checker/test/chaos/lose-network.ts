// Run by network-chaos.integration.test.ts: node lose-network.ts FOLDER OUTAGE_MS [namespace]. Prints what the collector was told as JSON.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcp, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '@tocsin/service/config';
import { silentLogger } from '@tocsin/service/log';
import { createChecker } from '../../src/app.ts';
import { serveCollector } from '../collector-stand-in.ts';
import { makeNetwork } from '../monitors.ts';

/** An address for documentation (RFC 5737), on a device of our own in the namespace. */
const OUTSIDE = '192.0.2.1';
const MONITORS = 12;

const [, , folder = '', outageMs = '', mode] = process.argv;
const isReal = mode === 'namespace';
await loseNetwork();

/** A server of the outside, and how it can be reached no more. */
async function listen(server: Server): Promise<number> {
  server.listen(0, '0.0.0.0');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args);
}

async function loseNetwork(): Promise<void> {
  let isAway = false;
  const collector = await serveCollector();
  const target = createServer((_request, response) => response.end('ok'));
  const probed = await listen(target);
  const anchor = createTcp((socket) => socket.destroy());
  const anchored = await listen(anchor);
  const host = isReal ? OUTSIDE : '127.0.0.1';
  // Where the outage is pretended, every target has a name.
  const hostOf = (index: number): string => (isReal && index % 2 === 0 ? host : `shop${index}.test`);
  const monitors = Array.from({ length: MONITORS }, (_, index) =>
    JSON.stringify({
      name: `m${index}`,
      http: `http://${hostOf(index)}:${probed}/`,
      interval: '1s',
      timeout: '800ms',
      confirm: { failures: 2, within: '10s', retry_after: '200ms' },
    }),
  );
  const file = join(folder, 'tocsin.yaml');
  await writeFile(
    file,
    `collector: { http: ${collector.port} }\nchecker: { http: 0, connectivity: ['${host}:${anchored}'] }\nmonitors: [${monitors.join(', ')}]\n`,
  );
  const config = await loadConfig({ file, env: {}, workingDir: folder });
  const network = {
    ...makeNetwork(),
    // The resolver is outside as well.
    lookup: () =>
      isAway
        ? Promise.reject(Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN' }))
        : Promise.resolve([{ address: host, family: 4 }]),
  };
  const context = { config, dataDir: folder, log: silentLogger(), onReload: () => {} };
  const checker = await createChecker(context, { network });
  await sleep(2_000);
  isAway = true;
  if (isReal) ip('addr', 'del', `${OUTSIDE}/24`, 'dev', 'out');
  await sleep(Number(outageMs));
  isAway = false;
  if (isReal) ip('addr', 'add', `${OUTSIDE}/24`, 'dev', 'out');
  await sleep(2_000);
  if (isReal) {
    // Now what is sent vanishes: the addresses are still said to be on the wire, and nobody is there.
    ip('addr', 'del', `${OUTSIDE}/24`, 'dev', 'out');
    ip('addr', 'add', '192.0.2.200/24', 'dev', 'out');
    await sleep(Number(outageMs) + 1_500);
    ip('addr', 'del', '192.0.2.200/24', 'dev', 'out');
    ip('addr', 'add', `${OUTSIDE}/24`, 'dev', 'out');
    await sleep(2_000);
  }
  await checker.stop();
  await collector[Symbol.asyncDispose]();
  target.closeAllConnections();
  target.close();
  anchor.close();
  const points = collector.points.map(({ name, value, timeMs, attributes }) => ({ name, value, timeMs, attributes }));
  process.stdout.write(JSON.stringify(points));
}
