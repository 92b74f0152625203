import { createServer, type Server } from 'node:net';
import { type Address, formatAddress } from '@tocsin/service/config';
import type { ListenName } from '@tocsin/service/invocation';

/** A configured address and the setting it comes from. */
export interface Wanted {
  readonly setting: ListenName;
  readonly address: Address;
}

/** The addresses with every port 0 replaced by a free one, or what stands in the way, a sentence for each setting. */
export type PortsResult =
  | { readonly status: 'ok'; readonly addresses: ReadonlyMap<ListenName, Address> }
  | { readonly status: 'failed'; readonly problems: readonly string[] };

/**
 * Tries to listen on every address, all at once so that none is given twice, and lets go again. A chosen port stays the same for
 * the launcher's life: a restarted service is found where it was.
 */
export async function choosePorts(wanted: readonly Wanted[]): Promise<PortsResult> {
  const held: Server[] = [];
  const addresses = new Map<ListenName, Address>();
  const problems: string[] = [];
  // Fixed ports first, or one chosen by the system could be one of them.
  const ordered = [...wanted].sort((a, b) => Number(a.address.port === 0) - Number(b.address.port === 0));
  for (const { setting, address } of ordered) {
    const result = await tryListen(address);
    if ('server' in result) {
      held.push(result.server);
      addresses.set(setting, { host: address.host, port: result.port });
    } else problems.push(describe(setting, address, result.code, addresses));
  }
  await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
  return problems.length > 0 ? { status: 'failed', problems } : { status: 'ok', addresses };
}

function tryListen(address: Address): Promise<{ server: Server; port: number } | { code: string }> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve({ code: error.code ?? error.message }));
    server.listen({ host: address.host, port: address.port, exclusive: true }, () => {
      const bound = server.address();
      resolve({ server, port: typeof bound === 'object' && bound ? bound.port : address.port });
    });
  });
}

function describe(
  setting: ListenName,
  address: Address,
  code: string,
  taken: ReadonlyMap<ListenName, Address>,
): string {
  const shown = formatAddress(address);
  const twin = [...taken].find(([, other]) => other.port === address.port)?.[0];
  if (code === 'EADDRINUSE' && twin) return `${setting}: ${twin} has ${shown} already; give one of them another port`;
  if (code === 'EADDRINUSE')
    return `${setting}: ${shown} is in use by another program; stop it, or set ${setting} to another port`;
  if (code === 'EACCES') return `${setting}: ${shown} is not allowed to this user; set ${setting} to a port above 1023`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `${setting}: this machine has no address ${address.host}; set ${setting} to one it has`;
  return `${setting}: cannot listen on ${shown} (${code})`;
}
