import { isIP } from 'node:net';
import type { ResolvedAddress } from '../resolve.ts';

/** Names in lower case with the addresses that the file gives them, in its order. */
export type Hosts = ReadonlyMap<string, readonly ResolvedAddress[]>;

/** Reads `/etc/hosts`. Source: hosts(5). */
export function parseHosts(text: string): Hosts {
  const hosts = new Map<string, ResolvedAddress[]>();
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*$/, '').trim().split(/\s+/);
    const family = isIP(address);
    if (family === 0) continue;
    for (const name of new Set(names.map((each) => each.toLowerCase().replace(/\.$/, '')))) {
      const known = hosts.get(name) ?? [];
      if (!known.some((entry) => entry.address === address)) hosts.set(name, [...known, { address, family }]);
    }
  }
  return hosts;
}
