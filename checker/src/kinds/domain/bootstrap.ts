/**
 * Which RDAP servers know a top-level domain, by the last labels of names. Source: RFC 9224, section 4 ("Bootstrap Service Registry for
 * Domain Name Space").
 */
export type RdapServers = ReadonlyMap<string, string>;

/** What IANA's registry says of the commonest domains: for as long as nothing newer could be fetched. */
export const SNAPSHOT: RdapServers = new Map([
  ['com', 'https://rdap.verisign.com/com/v1/'],
  ['net', 'https://rdap.verisign.com/net/v1/'],
  ['org', 'https://rdap.publicinterestregistry.org/rdap/'],
  ['info', 'https://rdap.identitydigital.services/rdap/'],
  ['biz', 'https://rdap.nic.biz/'],
  ['ai', 'https://rdap.identitydigital.services/rdap/'],
  ['app', 'https://pubapi.registry.google/rdap/'],
  ['dev', 'https://pubapi.registry.google/rdap/'],
  ['page', 'https://pubapi.registry.google/rdap/'],
  ['online', 'https://rdap.radix.host/rdap/'],
  ['site', 'https://rdap.radix.host/rdap/'],
  ['store', 'https://rdap.radix.host/rdap/'],
  ['tech', 'https://rdap.radix.host/rdap/'],
  ['shop', 'https://rdap.gmoregistry.net/rdap/'],
  ['xyz', 'https://rdap.centralnic.com/xyz/'],
  ['br', 'https://rdap.registro.br/'],
  ['fr', 'https://rdap.nic.fr/'],
  ['uk', 'https://rdap.nominet.uk/uk/'],
]);

/**
 * Reads IANA's `dns.json`. https is preferred where a service has several URLs.
 * @returns `undefined` for a document that is none
 */
export function readBootstrap(document: unknown): RdapServers | undefined {
  const { services } = (document ?? {}) as { services?: unknown };
  if (!Array.isArray(services)) return undefined;
  const servers = new Map<string, string>();
  for (const service of services as unknown[]) {
    const [labels, urls] = Array.isArray(service) ? (service as unknown[]) : [];
    const usable = listTexts(urls).filter((url) => /^https?:\/\//i.test(url) && URL.canParse(url));
    const chosen = usable.find((url) => /^https:/i.test(url)) ?? usable[0];
    if (chosen === undefined) continue;
    for (const label of listTexts(labels)) servers.set(label.toLowerCase(), chosen);
  }
  return servers.size === 0 ? undefined : servers;
}

/** The server for a name: that of the longest suffix the registry has (RFC 9224, section 4). */
export function findServer(servers: RdapServers, domain: string): string | undefined {
  const labels = domain.split('.');
  for (let from = 0; from < labels.length; from += 1) {
    const found = servers.get(labels.slice(from).join('.'));
    if (found !== undefined) return found;
  }
  return undefined;
}

function listTexts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}
