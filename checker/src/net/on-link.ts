import { BlockList, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

/** A network this machine is directly part of. */
export interface LocalNetwork {
  readonly address: string;
  /** Address and prefix length, as `192.168.1.7/24`. */
  readonly cidr: string;
}

/** The networks of the interfaces that are up now. */
export function readLocalNetworks(): LocalNetwork[] {
  return Object.values(networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .flatMap(({ address, cidr }) => (cidr === null ? [] : [{ address, cidr }]));
}

/** Whether this machine is part of any network at all but its own loopback. */
export function isConnected(networks: readonly LocalNetwork[]): boolean {
  return networks.some(({ address }) => !/^(?:127\.|::1$|fe80:)/i.test(address));
}

/**
 * Whether an address lies in a network this machine is part of, so that no router is between. "No route to host"
 * for such a neighbour means that it does not answer; for any other address it may be our own way out that is gone.
 */
export function isOnLink(address: string, networks: readonly LocalNetwork[]): boolean {
  const type = isIPv6(address) ? 'ipv6' : 'ipv4';
  return networks.some(({ cidr }) => {
    const [base = '', prefix = ''] = cidr.split('/');
    if ((isIPv6(base) ? 'ipv6' : 'ipv4') !== type) return false;
    const list = new BlockList();
    list.addSubnet(base, Number(prefix), type);
    return list.check(address, type);
  });
}
