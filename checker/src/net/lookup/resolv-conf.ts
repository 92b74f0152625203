import { isIP } from 'node:net';

/** What `/etc/resolv.conf` says of asking the DNS. */
export interface ResolvConf {
  /** As `address` or `[IPv6]`, at most three. */
  readonly servers: readonly string[];
  /** Domains that names without enough dots are looked for in, without last dots. */
  readonly search: readonly string[];
  /** A name with so many dots is asked for as it is first. */
  readonly ndots: number;
  /** Of the first attempt; each round of attempts waits twice as long as the one before. */
  readonly timeoutMs: number;
  readonly attempts: number;
  readonly asksForIPv6: boolean;
  /** Something in it only the system's own resolver can do. */
  readonly needsSystem: boolean;
}

/** As resolv.conf(5): MAXNS, and the default where no server is named. */
const MOST_SERVERS = 3;
const DEFAULT_SERVER = '127.0.0.1';
/** glibc waits 5 s for the first answer, which is all the time most probes have; a datagram that is lost must not cost that. */
const TIMEOUT_MS = 1_000;
const ATTEMPTS = 3;

/**
 * Reads `/etc/resolv.conf`. Source: resolv.conf(5) of glibc.
 * @param hostname this machine's, whose domain is searched where the file names none
 */
export function parseResolvConf(text: string, hostname: string): ResolvConf {
  const servers: string[] = [];
  let search = hostname.includes('.') ? [hostname.slice(hostname.indexOf('.') + 1)] : [];
  const options = new Map<string, string>();
  let needsSystem = false;
  for (const line of text.split('\n')) {
    const [keyword = '', ...values] = line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/);
    const [first] = values;
    if (keyword === 'nameserver' && first !== undefined) {
      // A scope (`fe80::1%eth0`) is the system's to understand.
      if (isIP(first) === 0 || first.includes('%')) needsSystem = true;
      else if (servers.length < MOST_SERVERS) servers.push(isIP(first) === 6 ? `[${first}]` : first);
    } else if (keyword === 'search') search = values;
    else if (keyword === 'domain') search = values.slice(0, 1);
    else if (keyword === 'options') for (const option of values) options.set(...splitOption(option));
  }
  return {
    servers: servers.length === 0 ? [DEFAULT_SERVER] : servers,
    search: search.map((domain) => domain.replace(/\.$/, '').toLowerCase()).filter((domain) => domain !== ''),
    ndots: numberOf(options.get('ndots'), 1, 15),
    timeoutMs: numberOf(options.get('timeout'), TIMEOUT_MS / 1_000, 30) * 1_000,
    attempts: Math.max(1, numberOf(options.get('attempts'), ATTEMPTS, 5)),
    asksForIPv6: !options.has('no-aaaa'),
    needsSystem: needsSystem || options.has('use-vc'),
  };
}

function splitOption(option: string): [string, string] {
  const [name = '', value = ''] = option.split(':');
  return [name, value];
}

function numberOf(text: string | undefined, fallback: number, most: number): number {
  return text !== undefined && /^\d+$/.test(text) ? Math.min(Number(text), most) : fallback;
}
