import { BlockList, isIPv6 } from 'node:net';

/** Ranges that are not the public internet. Source: IANA's special-purpose address registries (RFC 6890 and its successors). */
const PRIVATE_RANGES = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const;

const list = listRanges();

function listRanges(): BlockList {
  const ranges = new BlockList();
  for (const [address, prefix] of PRIVATE_RANGES) ranges.addSubnet(address, prefix, isIPv6(address) ? 'ipv6' : 'ipv4');
  return ranges;
}

/** Prefixes of IPv6 that carry an IPv4 address: mapped, NAT64 (RFC 6052) and 6to4 (RFC 3056), with the group where it begins. */
const EMBEDDING = [
  ['0:0:0:0:0:ffff:', 6],
  ['64:ff9b:0:0:0:0:', 6],
  ['2002:', 1],
] as const;

/**
 * Whether an address is private, loopback, link-local, shared (CGNAT), unique-local, or otherwise not of the public internet; an IPv4
 * address within an IPv6 one counts as itself.
 */
export function isPrivateAddress(address: string): boolean {
  const bare = address.replace(/%.*$/, '');
  if (!isIPv6(bare)) return list.check(bare, 'ipv4');
  const groups = expandGroups(bare);
  const written = groups.map((group) => group.toString(16)).join(':');
  const embedded = EMBEDDING.find(([prefix]) => written.startsWith(prefix));
  if (embedded === undefined) return list.check(bare, 'ipv6');
  const [high = 0, low = 0] = groups.slice(embedded[1]);
  return list.check(`${high >> 8}.${high & 0xff}.${low >> 8}.${low & 0xff}`, 'ipv4');
}

/** The eight groups of an IPv6 address. */
function expandGroups(address: string): number[] {
  const plain = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = '', tail] = plain.split('::');
  const read = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  if (tail === undefined) return read(head);
  const [first, last] = [read(head), read(tail)];
  return [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last];
}
