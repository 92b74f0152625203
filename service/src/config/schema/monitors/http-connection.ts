import { z } from 'zod';
import { isGiven, type Mapping, type Refuse, asMapping } from '../cross-checks.ts';
import { flag, httpUrl, text } from '../scalars.ts';

/** The settings of TLS towards a target; of any kind that speaks it. */
export const tlsSettings = z.strictObject({
  ca_file: text.optional(),
  cert_file: text.optional(),
  key_file: text.optional(),
  key_password: text.optional(),
  server_name: text.optional(),
  insecure: flag.default(false),
});

/** The settings of the connections of an HTTP monitor or flow. */
export const connectionSettings = {
  tls: tlsSettings.optional(),
  proxy: httpUrl.optional(),
  version: z.enum(['auto', '1.1', '2']).default('auto'),
  ip: z.enum(['auto', '4', '6']).default('auto'),
};

/** What holds between the settings of connections. */
export function checkConnection(given: Mapping, refuse: Refuse): void {
  const tls = asMapping(given['tls']);
  for (const [one, other] of [
    ['cert_file', 'key_file'],
    ['key_file', 'cert_file'],
    ['key_password', 'key_file'],
  ] as const) {
    if (isGiven(tls, one) && !isGiven(tls, other)) refuse(['tls', one], `${other} beside ${one}`);
  }
}

/** How a target's TLS is spoken. Files are read when they change. */
export interface TlsClientSettings {
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  readonly keyPassword: string | undefined;
  /** The name that is asked for (SNI) and that the certificate must be for, instead of the URL's host. */
  readonly serverName: string | undefined;
  /** Certificates are not judged; every result says so. */
  readonly insecure: boolean;
}

/** How connections are made. */
export interface ConnectionSettings {
  readonly tls: TlsClientSettings;
  /** `http://user:password@host:port` or https. */
  readonly proxy: string | undefined;
  readonly version: 'auto' | '1.1' | '2';
  readonly ip: 'auto' | '4' | '6';
}

/** Reads the settings of TLS; nothing configured is everything by default. */
export function tlsClientOf(value: z.output<typeof tlsSettings> | undefined): TlsClientSettings {
  return {
    caFile: value?.ca_file,
    certFile: value?.cert_file,
    keyFile: value?.key_file,
    keyPassword: value?.key_password,
    serverName: value?.server_name,
    insecure: value?.insecure ?? false,
  };
}

/** Reads the settings of connections. */
export function connectionOf(value: z.output<z.ZodObject<typeof connectionSettings>>): ConnectionSettings {
  return { tls: tlsClientOf(value.tls), proxy: value.proxy, version: value.version, ip: value.ip };
}
