import type { ResolvConf } from './resolv-conf.ts';

/** How this machine finds the address of a name. */
export interface NameServices {
  /** Everything is as in a container or on a plain server: a file, then the DNS. Else only the system itself knows. */
  readonly isPlain: boolean;
  readonly asksHostsFile: boolean;
  /** Names below `.local` are asked for by multicast (RFC 6762), which is the system's to do. */
  readonly hasMulticast: boolean;
}

const PLAIN: NameServices = { isPlain: true, asksHostsFile: true, hasMulticast: false };
const OTHER: NameServices = { isPlain: false, asksHostsFile: true, hasMulticast: true };
/** Where systemd-resolved answers what it answers to programs that ask it directly. */
const STUBS = new Set(['127.0.0.53', '127.0.0.54']);

/**
 * Reads the line `hosts` of `/etc/nsswitch.conf`; where the file or the line is absent it is `files dns`. Source: nsswitch.conf(5).
 * @param text `undefined` where there is no file
 */
export function parseNameServices(text: string | undefined, { servers }: Pick<ResolvConf, 'servers'>): NameServices {
  const line = /^\s*hosts:([^#\n]*)/m.exec(text ?? '')?.[1];
  if (line === undefined) return PLAIN;
  // What follows in brackets on multicast and systemd is how these are meant to be used; anywhere else it is not.
  const services = line
    .trim()
    .replace(/\b(mdns\w*|resolve|myhostname)\s+\[[^\]]*\]/g, '$1')
    .split(/\s+/);
  const [files, dns] = [services.indexOf('files'), services.indexOf('dns')];
  const isKnown = services.every((service) => {
    if (service === 'resolve') return servers.every((server) => STUBS.has(server));
    return /^(?:files|dns|myhostname|mdns\w*)$/.test(service);
  });
  const asksDns = dns >= 0 || services.includes('resolve');
  if (!isKnown || !asksDns || (dns >= 0 && files > dns)) return OTHER;
  return { isPlain: true, asksHostsFile: files >= 0, hasMulticast: services.some((each) => each.startsWith('mdns')) };
}

/** Names that no DNS knows: of this machine itself (nss-myhostname(8); RFC 6761, section 6.3), and what multicast has. */
export function isForSystem(name: string, { hasMulticast }: NameServices, hostname: string): boolean {
  // No top-level domain is a number: this is an address in an old form (`127.1`, `0x7f000001`).
  if (/(?:^|\.)(?:\d+|0x[\da-f]+)\.?$/.test(name)) return true;
  if (
    /(?:^|\.)(?:localhost|localdomain)\.?$/.test(name) ||
    /^_(?:gateway|outbound|localdnsstub|localdnsproxy)$/.test(name)
  )
    return true;
  return name === hostname.toLowerCase() || (hasMulticast && /\.local\.?$/.test(name));
}
