/** Where a server listens. `port` 0 lets the system choose. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `4318`, `"4318"`, `0.0.0.0:4318` or `[::1]:4318`; a bare port means 127.0.0.1.
 * @returns `undefined` where the text is neither
 */
export function parseAddress(value: string | number): Address | undefined {
  const match = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s/]+)):)?(\d{1,5})$/.exec(String(value));
  if (!match) return undefined;
  const port = Number(match[3]);
  return port > 65_535 ? undefined : { host: match[1] ?? match[2] ?? '127.0.0.1', port };
}

/** The address as `host:port`, IPv6 in brackets. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The URL under which this machine reaches a server that listens there (a wildcard becomes loopback). */
export function addressUrl({ host, port }: Address): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${formatAddress({ host: reachable, port })}`;
}

/** True for an address that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** True for a URL whose host is one that only this machine can reach. */
export function isLoopbackUrl(url: string): boolean {
  return isLoopback(new URL(url).hostname.replace(/^\[|\]$/g, ''));
}
