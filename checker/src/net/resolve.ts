import { isIP } from 'node:net';

/** An address a name stands for. */
export interface ResolvedAddress {
  readonly address: string;
  /** 4 or 6. */
  readonly family: number;
}

/**
 * Finds the addresses of a name, the preferred first. Rejects with an error whose `code` is getaddrinfo's or c-ares'.
 * @param family the only one that is wanted: others may be among them, but that it could not be asked for is an error
 */
export type Lookup = (hostname: string, family?: 4 | 6) => Promise<readonly ResolvedAddress[]>;

/** The host of a URL as a bare name or address (IPv6 without its brackets). */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

/** The address a host already is, or `undefined` for a name. */
export function literalAddress(host: string): ResolvedAddress | undefined {
  const family = isIP(host);
  return family === 0 ? undefined : { address: host, family };
}

/**
 * The order in which addresses are tried: the resolver's first one, then the families in turn.
 * Source: RFC 8305, section 4 ("Sorting Addresses").
 */
export function interleaveFamilies(addresses: readonly ResolvedAddress[]): ResolvedAddress[] {
  const first = addresses[0]?.family;
  const preferred = addresses.filter(({ family }) => family === first);
  const others = addresses.filter(({ family }) => family !== first);
  return preferred
    .flatMap((address, index) => [address, ...others.slice(index, index + 1)])
    .concat(others.slice(preferred.length));
}
