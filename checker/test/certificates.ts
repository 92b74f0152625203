import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';

/** A certificate with its key, both in PEM, and what is needed to sign others with it. */
export interface MadeCertificate {
  readonly cert: string;
  readonly key: string;
  readonly name: string;
  readonly privateKey: KeyObject;
}

export interface CertificateOptions {
  readonly name: string;
  /** Host names and IPv4 addresses the certificate is for. */
  readonly hosts?: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** Who signs; itself if absent. */
  readonly issuer?: MadeCertificate;
  readonly authority?: boolean;
  /** Instead of a fresh P-256 key; RSA. */
  readonly keys?: { readonly privateKey: KeyObject; readonly publicKey: KeyObject };
}

const DAY_MS = 86_400_000;

/** Makes an X.509 v3 certificate over a fresh P-256 key. Source: RFC 5280, sections 4.1 and 4.2, in DER (X.690). */
export function makeCertificate(options: CertificateOptions): MadeCertificate {
  const { name, hosts = [], issuer, authority = false } = options;
  const { notBefore = new Date(Date.now() - DAY_MS), notAfter = new Date(Date.now() + 30 * DAY_MS) } = options;
  const { privateKey, publicKey } = options.keys ?? generateKeyPairSync('ec', { namedCurve: 'P-256' });
  // ecdsa-with-SHA256 or sha256WithRSAEncryption, by the key that signs. Source: RFC 5758, RFC 4055.
  const isRsa = (issuer?.privateKey ?? privateKey).asymmetricKeyType === 'rsa';
  const algorithm = isRsa
    ? sequence(oid('2a864886f70d01010b'), Buffer.from([5, 0]))
    : sequence(oid('2a8648ce3d040302'));
  const extensions = [
    sequence(oid('551d13'), octets(authority ? sequence(boolean(true)) : sequence())),
    ...(hosts.length === 0 ? [] : [sequence(oid('551d11'), octets(sequence(...hosts.map(generalName))))]),
  ];
  const body = sequence(
    tagged(0xa0, Buffer.from([2, 1, 2])),
    tagged(0x02, Buffer.concat([Buffer.from([0x01]), randomBytes(8)])),
    algorithm,
    distinguishedName(issuer?.name ?? name),
    sequence(utcTime(notBefore), utcTime(notAfter)),
    distinguishedName(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', body, issuer?.privateKey ?? privateKey);
  const der = sequence(body, algorithm, tagged(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    name,
    privateKey,
  };
}

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const size = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function octets(content: Buffer): Buffer {
  return tagged(0x04, content);
}

function oid(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, 'hex'));
}

function boolean(value: boolean): Buffer {
  return tagged(0x01, Buffer.from([value ? 0xff : 0]));
}

function distinguishedName(name: string): Buffer {
  return sequence(tagged(0x31, sequence(oid('550403'), tagged(0x0c, Buffer.from(name)))));
}

function utcTime(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]|\.\d+/g, '');
  return tagged(0x17, Buffer.from(digits.slice(2)));
}

function generalName(host: string): Buffer {
  if (isIP(host) === 4) return tagged(0x87, Buffer.from(host.split('.').map(Number)));
  return tagged(0x82, Buffer.from(host));
}
