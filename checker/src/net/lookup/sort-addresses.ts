import type { LocalNetwork } from '../on-link.ts';
import type { ResolvedAddress } from '../resolve.ts';

/** 2000::/3, the addresses of IPv6 that lead anywhere (RFC 4291, section 2.4, as IANA gives them out). */
const GLOBAL = /^[23][\da-f]{3}:/i;

/**
 * The order in which the system would try addresses: IPv6 first where this machine can use it, for a global address with one of its
 * own, and for its loopback. What RFC 6724 (section 6) weighs beside that is between addresses of one family. The order within stays.
 */
export function sortAddresses(
  addresses: readonly ResolvedAddress[],
  localNetworks: () => readonly LocalNetwork[],
): readonly ResolvedAddress[] {
  if (new Set(addresses.map(({ family }) => family)).size < 2) return addresses;
  const isGlobal = localNetworks().some(({ address }) => GLOBAL.test(address));
  const rank = ({ address, family }: ResolvedAddress): number => {
    if (family === 4) return 1;
    return address === '::1' || (isGlobal && GLOBAL.test(address)) ? 0 : 2;
  };
  return addresses.toSorted((a, b) => rank(a) - rank(b));
}
