import { X509Certificate } from 'node:crypto';
import { getCACertificates } from 'node:tls';

let byName: ReadonlyMap<string, readonly X509Certificate[]> | undefined;

/** The authorities that Node trusts, by subject; read once, when first asked for. */
function defaultRoots(): ReadonlyMap<string, readonly X509Certificate[]> {
  byName ??= bySubject(getCACertificates('default'));
  return byName;
}

function bySubject(certificates: readonly string[]): ReadonlyMap<string, readonly X509Certificate[]> {
  return Map.groupBy(
    certificates.map((pem) => new X509Certificate(pem)),
    ({ subject }) => subject,
  );
}

const PEM = /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g;

/**
 * When the first certificate of the path from the server's own to an authority that is trusted ends, Unix time in seconds. A server may
 * present more than that path needs (an old cross-signature that expires earlier); this leaves it out.
 * @param chain the server's certificate and its issuers, one after the other
 * @param authorities in PEM, the only ones that are trusted (`ca_file`); Node's own without it
 */
export function findTrustedEnd(chain: readonly X509Certificate[], authorities?: string): number | undefined {
  const known = authorities === undefined ? defaultRoots() : bySubject(authorities.match(PEM) ?? []);
  let endUnixS: number | undefined;
  for (const link of chain) {
    const ends = link.validToDate.getTime() / 1_000;
    endUnixS = Math.min(endUnixS ?? ends, ends);
    const roots = known.get(link.issuer) ?? [];
    const trusted = roots.filter((root) => link.checkIssued(root) && link.verify(root.publicKey));
    if (trusted.length > 0)
      return Math.min(endUnixS, Math.max(...trusted.map((root) => root.validToDate.getTime() / 1_000)));
  }
  return endUnixS;
}
