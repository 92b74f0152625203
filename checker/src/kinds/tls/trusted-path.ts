import { X509Certificate } from 'node:crypto';
import { getCACertificates } from 'node:tls';

let byName: ReadonlyMap<string, readonly X509Certificate[]> | undefined;

/** The authorities that Node trusts, by subject; read once, when first asked for. */
function rootsBySubject(): ReadonlyMap<string, readonly X509Certificate[]> {
  if (byName) return byName;
  const found = new Map<string, X509Certificate[]>();
  for (const pem of getCACertificates('default')) {
    const root = new X509Certificate(pem);
    found.set(root.subject, [...(found.get(root.subject) ?? []), root]);
  }
  byName = found;
  return found;
}

/**
 * When the first certificate of the path from the server's own to an authority that is trusted ends, Unix time in seconds. A server may
 * present more than that path needs (an old cross-signature that expires earlier); this leaves it out.
 * @param chain the server's certificate and its issuers, one after the other
 */
export function findTrustedEnd(chain: readonly X509Certificate[]): number | undefined {
  let endUnixS: number | undefined;
  for (const link of chain) {
    const ends = link.validToDate.getTime() / 1_000;
    endUnixS = Math.min(endUnixS ?? ends, ends);
    const roots = rootsBySubject().get(link.issuer) ?? [];
    const trusted = roots.filter((root) => link.checkIssued(root) && link.verify(root.publicKey));
    if (trusted.length > 0)
      return Math.min(endUnixS, Math.max(...trusted.map((root) => root.validToDate.getTime() / 1_000)));
  }
  return endUnixS;
}
