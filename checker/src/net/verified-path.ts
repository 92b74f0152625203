import { X509Certificate } from 'node:crypto';
import { getCACertificates, type SecureContext } from 'node:tls';

/** Certificates that are trusted, by subject. */
export type Authorities = ReadonlyMap<string, readonly X509Certificate[]>;

let byDefault: Authorities | undefined;
const ofContexts = new WeakMap<SecureContext, Authorities>();

const PEM = /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g;

/** Writes down which authorities (PEM) a context was made with, for it does not tell. Without them it is Node's own. */
export function noteAuthorities(context: SecureContext, pem: string): void {
  ofContexts.set(context, readAuthorities(pem));
}

/** The authorities that a context trusts. */
export function authoritiesOf(context: SecureContext): Authorities {
  return ofContexts.get(context) ?? (byDefault ??= bySubject(getCACertificates('default')));
}

/** Authorities in PEM; what else is in the text does not matter. */
export function readAuthorities(pem: string): Authorities {
  return bySubject(pem.match(PEM) ?? []);
}

function bySubject(certificates: readonly string[]): Authorities {
  return Map.groupBy(
    certificates.map((pem) => new X509Certificate(pem)),
    ({ subject }) => subject,
  );
}

/** Signatures that are checked for one chain: a server may present hundreds of certificates of one name. */
const MOST_CHECKS = 100;
/** Chains whose end is kept, for each set of authorities: to check signatures anew at every run would be a tenth of a probe's cost. */
const MOST_KEPT = 10_000;
const kept = new WeakMap<Authorities, Map<string, number | undefined>>();

/**
 * When the path from the server's certificate to a trusted authority ends: the first end among its certificates, Unix time in seconds. Of several
 * paths the one that lasts longest counts, as for blackbox_exporter's `probe_ssl_last_chain_expiry_timestamp_seconds`: clients take it when the
 * others are over. What the server presents beside it (an old cross-signature) is left out.
 * @param presented the certificates as they came, the server's own first
 * @returns `undefined` where there is no path
 */
export function findVerifiedEnd(presented: readonly X509Certificate[], authorities: Authorities): number | undefined {
  const ends = kept.get(authorities) ?? new Map<string, number | undefined>();
  kept.set(authorities, ends);
  const key = presented.map(({ fingerprint256 }) => fingerprint256).join();
  if (ends.has(key)) return ends.get(key);
  if (ends.size >= MOST_KEPT) ends.clear();
  const [own] = presented;
  const end = own && new PathSearch(presented, authorities).endFrom(own, new Set());
  ends.set(key, end);
  return end;
}

class PathSearch {
  readonly #presented: Authorities;
  readonly #authorities: Authorities;
  #checks = 0;

  constructor(presented: readonly X509Certificate[], authorities: Authorities) {
    this.#presented = Map.groupBy(presented, ({ subject }) => subject);
    this.#authorities = authorities;
  }

  /** @param below the certificates of the path so far, so that it does not go round in circles */
  endFrom(certificate: X509Certificate, below: ReadonlySet<string>): number | undefined {
    const ownEnd = certificate.validToDate.getTime() / 1_000;
    const path = new Set([...below, certificate.fingerprint256]);
    // A root is the end of its path.
    if (certificate.issuer === certificate.subject && this.#isAuthority(certificate)) return ownEnd;
    const above = this.#issuersOf(certificate, path).flatMap((issuer) => this.endFrom(issuer, path) ?? []);
    return above.length === 0 ? undefined : Math.min(ownEnd, Math.max(...above));
  }

  #isAuthority({ subject, fingerprint256 }: X509Certificate): boolean {
    return (this.#authorities.get(subject) ?? []).some((known) => known.fingerprint256 === fingerprint256);
  }

  #issuersOf(certificate: X509Certificate, path: ReadonlySet<string>): readonly X509Certificate[] {
    const named = [this.#authorities, this.#presented].flatMap((known) => known.get(certificate.issuer) ?? []);
    const distinct = new Map(named.map((issuer) => [issuer.fingerprint256, issuer]));
    return [...distinct.values()].filter((issuer) => {
      if (path.has(issuer.fingerprint256) || this.#checks >= MOST_CHECKS) return false;
      this.#checks += 1;
      return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
    });
  }
}
