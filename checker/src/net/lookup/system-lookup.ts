import { getServers, lookup as systemLookup, Resolver } from 'node:dns/promises';
import { hostname, platform } from 'node:os';
import { type LocalNetwork, readLocalNetworks } from '../on-link.ts';
import type { Lookup, ResolvedAddress } from '../resolve.ts';
import { askDns } from './ask-dns.ts';
import { parseHosts } from './hosts-file.ts';
import { LookupGate } from './lookup-gate.ts';
import { isForSystem, type NameServices, parseNameServices } from './name-services.ts';
import { parseResolvConf, type ResolvConf } from './resolv-conf.ts';
import { sortAddresses } from './sort-addresses.ts';
import { WatchedFile } from './watched-file.ts';

/** Where the system keeps how names are looked up; absent: where Linux does. */
export interface SystemFiles {
  readonly resolvConf: string;
  readonly hosts: string;
  readonly nsswitch: string;
}

export interface SystemLookupOptions {
  readonly files?: SystemFiles;
  readonly localNetworks?: () => readonly LocalNetwork[];
  /** The port of the servers in `/etc/resolv.conf`; absent: 53. */
  readonly dnsPort?: number;
  readonly platform?: NodeJS.Platform;
}

/** What is told of the lookups. */
export interface LookupFigures {
  /** Those that go on, and those that wait for their turn. */
  readonly active: number;
  readonly waiting: number;
  /** Since the start, because too many waited. */
  readonly refused: number;
}

export interface SystemLookup {
  readonly lookup: Lookup;
  /** The system's DNS servers, as it says now. */
  readonly servers: () => readonly string[];
  readonly figures: () => LookupFigures;
}

const FILES: SystemFiles = {
  resolvConf: '/etc/resolv.conf',
  hosts: '/etc/hosts',
  nsswitch: '/etc/nsswitch.conf',
};

/** An answer of the DNS takes a few milliseconds; more datagrams than these overflow the buffers of a socket. */
const DNS_GATE = { most: 64, forgetAfterMs: 100, mostInAll: 4_096, mostWaiting: 20_000 };
/** The system's own lookups each keep a thread; names that have kept one for long share these few. */
const SYSTEM_GATE = { most: 256, mostInAll: 256, mostWaiting: 20_000 };
const SLOW_GATE = { most: 2, mostInAll: 2, mostWaiting: 20_000 };
const SLOW_MS = 1_000;
const MOST_SLOW = 10_000;

/**
 * Looks names up as the other programs of this machine do: hosts file, search domains, the servers of `/etc/resolv.conf`, all read anew
 * when they change, nothing cached. That is done here by asking the DNS (c-ares), so that a name whose servers hang keeps no thread; what
 * only the system knows (other name services, multicast, its own names, anything but Linux) is left to it (getaddrinfo).
 *
 * A name is looked up once at a time; further runs join.
 */
export function createSystemLookup(options: SystemLookupOptions = {}): SystemLookup {
  const dns = createDnsLookup({
    files: FILES,
    localNetworks: readLocalNetworks,
    dnsPort: 53,
    platform: platform(),
    ...options,
  });
  const system = createGetAddrInfo();
  const running = new Map<string, Promise<readonly ResolvedAddress[]>>();
  let refused = 0;
  const start = (name: string, family: 4 | 6 | undefined): Promise<readonly ResolvedAddress[]> => {
    const found = dns.hostsOf(name);
    if (found) return Promise.resolve(found);
    const started = dns.knows(name) ? dns.ask(name, family) : system.ask(name);
    if (started) return started;
    refused += 1;
    return Promise.reject(Object.assign(new Error('too many lookups wait'), { code: 'ENOBUFS' }));
  };
  return {
    lookup(given, family) {
      const name = given.toLowerCase();
      const key = `${name} ${family ?? ''}`;
      const joined = running.get(key);
      if (joined) return joined;
      const started = start(name, family).finally(() => running.delete(key));
      running.set(key, started);
      return started;
    },
    servers: dns.servers,
    figures: () => ({
      active: dns.gate.active + system.active(),
      waiting: dns.gate.waiting + system.waiting(),
      refused,
    }),
  };
}

/** Everything the system's files say, made anew when one of them changes. */
interface Plan {
  readonly conf: ResolvConf;
  readonly services: NameServices;
  readonly resolver: Resolver;
  /** Whether names can be looked up here at all. */
  readonly isOurs: boolean;
}

function createDnsLookup({ files, localNetworks, dnsPort, platform: system }: Required<SystemLookupOptions>) {
  const gate = new LookupGate(DNS_GATE);
  const texts = [files.resolvConf, files.nsswitch].map((path) => new WatchedFile(path, (text) => ({ text })));
  const hosts = new WatchedFile(files.hosts, (text = '') => parseHosts(text));
  let [seen, plan]: [readonly unknown[], Plan | undefined] = [[], undefined];
  const current = (): Plan => {
    const [resolvConf, nsswitch] = texts.map((file) => file.value(performance.now()));
    if (plan && seen[0] === resolvConf && seen[1] === nsswitch) return plan;
    seen = [resolvConf, nsswitch];
    const conf = parseResolvConf(resolvConf?.text ?? '', hostname());
    const services = parseNameServices(nsswitch?.text, conf);
    const isOurs = system === 'linux' && services.isPlain && !conf.needsSystem;
    return (plan = { conf, services, isOurs, resolver: createResolver(conf, dnsPort) });
  };
  return {
    gate,
    servers: (): readonly string[] => (current().isOurs ? current().conf.servers : getServers()),
    hostsOf(name: string) {
      const { isOurs, services } = current();
      if (!isOurs || !services.asksHostsFile) return undefined;
      const found = hosts.value(performance.now()).get(name.replace(/\.$/, ''));
      return found && sortAddresses(found, localNetworks);
    },
    knows(name: string): boolean {
      const { isOurs, services } = current();
      return isOurs && !isForSystem(name, services, hostname());
    },
    ask(name: string, family: 4 | 6 | undefined) {
      return gate.run(async () => {
        const { conf, resolver } = current();
        return sortAddresses(await askDns(name, resolver, conf, family), localNetworks);
      });
    },
  };
}

function createResolver({ servers, timeoutMs, attempts }: ResolvConf, port: number): Resolver {
  const resolver = new Resolver({ timeout: timeoutMs, tries: attempts });
  resolver.setServers(servers.map((server) => `${server}:${port}`));
  return resolver;
}

function createGetAddrInfo() {
  const [fast, slow] = [new LookupGate(SYSTEM_GATE), new LookupGate(SLOW_GATE)];
  const slowNames = new Set<string>();
  const ask = async (name: string): Promise<readonly ResolvedAddress[]> => {
    const startMs = performance.now();
    try {
      return await systemLookup(name, { all: true, order: 'verbatim' });
    } finally {
      slowNames.delete(name);
      if (performance.now() - startMs >= SLOW_MS) slowNames.add(name);
      for (const oldest of slowNames) {
        if (slowNames.size <= MOST_SLOW) break;
        slowNames.delete(oldest);
      }
    }
  };
  return {
    active: () => fast.active + slow.active,
    waiting: () => fast.waiting + slow.waiting,
    ask: (name: string) => (slowNames.has(name) ? slow : fast).run(() => ask(name)),
  };
}
