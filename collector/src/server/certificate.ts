import { readFile } from 'node:fs/promises';
import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { metrics } from '@opentelemetry/api';
import type { Logger } from '@tocsin/service/log';
import { CollectorError } from '../errors.ts';

const LOOK_EVERY_MS = 2_000;

/** A certificate chain and its private key, in PEM. */
export interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** A certificate that follows its files. */
export interface WatchedCertificate {
  readonly current: Certificate;
  /** Called with each new certificate. */
  onChange(apply: (certificate: Certificate) => void): void;
  stop(): void;
}

/** The gauge's name ends like that of the certificates that are probed. */
export function observeCertificate(current: () => Certificate): () => void {
  const gauge = metrics.getMeter('tocsin.collector').createObservableGauge('tocsin.collector.certificate.not_after', {
    unit: 's',
    description: 'Unix time at which the first certificate of the chain that the collector shows ends',
  });
  const observe = (result: { observe(value: number): void }): void => result.observe(firstEndMs(current()) / 1_000);
  gauge.addCallback(observe);
  return () => gauge.removeCallback(observe);
}

/** When the first certificate of the chain ends, in milliseconds since the epoch. */
export function firstEndMs({ cert }: Pick<Certificate, 'cert'>): number {
  const chain = cert.toString('latin1').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return Math.min(...chain.map((pem) => Date.parse(new X509Certificate(pem).validTo)));
}

/** Where the two are. */
export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/**
 * Reads a certificate and looks every two seconds whether its files are others: also where they are replaced by a link, as by Kubernetes.
 * Two files that do not fit each other (one has been written, the other not yet) change nothing and are said once.
 * @throws CollectorError `bad_certificate` when they cannot be used at the start
 */
export async function watchCertificate(files: CertificateFiles, log: Logger): Promise<WatchedCertificate> {
  const first = await readCertificate(files);
  if (first.status === 'bad') throw new CollectorError('bad_certificate', first.message);
  const receivers: ((certificate: Certificate) => void)[] = [];
  let current = first.certificate;
  let complaint: string | undefined;

  async function look(): Promise<void> {
    const read = await readCertificate(files);
    if (read.status === 'bad') {
      if (read.message !== complaint)
        log.error({ detail: read.message }, 'the certificate is not read again; the old one stays');
      complaint = read.message;
      return;
    }
    complaint = undefined;
    if (read.certificate.cert.equals(current.cert) && read.certificate.key.equals(current.key)) return;
    current = read.certificate;
    for (const apply of receivers) apply(current);
    log.info({ file: files.certFile }, 'a new certificate is used');
  }

  const unobserve = observeCertificate(() => current);
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  timer.unref();
  return {
    get current() {
      return current;
    },
    onChange: (apply) => void receivers.push(apply),
    stop() {
      clearInterval(timer);
      unobserve();
    },
  };
}

type Read =
  { readonly status: 'ok'; readonly certificate: Certificate } | { readonly status: 'bad'; readonly message: string };

async function readCertificate({ certFile, keyFile }: CertificateFiles): Promise<Read> {
  try {
    const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
    createSecureContext({ cert, key });
    return { status: 'ok', certificate: { cert, key } };
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    return { status: 'bad', message: `${certFile} and ${keyFile}: ${error.message}` };
  }
}
