import { z } from 'zod';
import { flag, httpUrl, text } from '../../scalars.ts';
import { isGiven, type Mapping, type Refuse } from '../../cross-checks.ts';

const tlsVersion = z.enum(['TLS10', 'TLS11', 'TLS12', 'TLS13']);

/** TLS towards a channel. PEM as text, or `*_file`. Source: Alertmanager documentation, "HTTPS and authentication", `<tls_config>`. */
export const tlsConfig = z
  .strictObject({
    ca: text.optional(),
    ca_file: text.optional(),
    cert: text.optional(),
    cert_file: text.optional(),
    key: text.optional(),
    key_file: text.optional(),
    server_name: text.optional(),
    insecure_skip_verify: flag.default(false),
    min_version: tlsVersion.optional(),
    max_version: tlsVersion.optional(),
  })
  .meta({ id: 'tls_config' });

/** How a channel speaks HTTP. Source: Alertmanager documentation, "Configuration", `<http_config>`. */
export const httpConfig = z
  .strictObject({
    basic_auth: z
      .strictObject({
        username: text.optional(),
        username_file: text.optional(),
        password: text.optional(),
        password_file: text.optional(),
      })
      .optional(),
    authorization: z
      .strictObject({
        type: text.default('Bearer'),
        credentials: text.optional(),
        credentials_file: text.optional(),
      })
      .optional(),
    bearer_token: text.optional(),
    bearer_token_file: text.optional(),
    proxy_url: httpUrl.optional(),
    no_proxy: text.optional(),
    proxy_from_environment: flag.default(false),
    follow_redirects: flag.default(false),
    enable_http2: flag.default(false),
    tls_config: tlsConfig.optional(),
    http_headers: z
      .record(
        z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'expected the name of a header'),
        z.strictObject({ values: z.array(text).default([]), secrets: z.array(text).default([]) }),
      )
      .default({}),
  })
  .superRefine((value: unknown, context) => {
    const given = value as Mapping;
    const ways = ['basic_auth', 'authorization', 'bearer_token'].filter((key) => isGiven(given, key));
    if (ways.length > 1)
      context.addIssue({
        code: 'custom',
        path: [ways[1] ?? ''],
        message: 'expected one of basic_auth, authorization, bearer_token',
        params: { expected: `only one of ${ways.join(', ')}` },
      });
  })
  .meta({ id: 'http_config' });

type HttpSettings = z.output<typeof httpConfig>;
type TlsSettings = z.output<typeof tlsConfig>;

/** TLS towards a channel; certificates and key as PEM. */
export interface ChannelTls {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly serverName: string | undefined;
  readonly insecureSkipVerify: boolean;
  readonly minVersion: TlsVersion | undefined;
  readonly maxVersion: TlsVersion | undefined;
}

type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';
const VERSIONS = { TLS10: 'TLSv1', TLS11: 'TLSv1.1', TLS12: 'TLSv1.2', TLS13: 'TLSv1.3' } as const;

/** How a channel speaks HTTP. */
export interface ChannelHttp {
  /** The header `Authorization`, whole. */
  readonly authorization: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly proxyUrl: string | undefined;
  /** Hosts that are reached without the proxy, with commas. */
  readonly noProxy: string | undefined;
  readonly proxyFromEnvironment: boolean;
  readonly followRedirects: boolean;
  readonly http2: boolean;
  readonly tls: ChannelTls | undefined;
  /** What must never show. */
  readonly secrets: readonly string[];
}

/** Nothing configured. */
export const PLAIN_HTTP: ChannelHttp = {
  authorization: undefined,
  headers: {},
  proxyUrl: undefined,
  noProxy: undefined,
  proxyFromEnvironment: false,
  followRedirects: false,
  http2: false,
  tls: undefined,
  secrets: [],
};

/** Reads TLS settings; `undefined` where nothing is configured. */
export function channelTls(given: TlsSettings | undefined): ChannelTls | undefined {
  return (
    given && {
      ca: given.ca,
      cert: given.cert,
      key: given.key,
      serverName: given.server_name,
      insecureSkipVerify: given.insecure_skip_verify,
      minVersion: given.min_version && VERSIONS[given.min_version],
      maxVersion: given.max_version && VERSIONS[given.max_version],
    }
  );
}

/** Reads a channel's HTTP settings; its own take the place of all of `global`'s, as in Alertmanager. */
export function channelHttp(own: HttpSettings | undefined, global: HttpSettings | undefined): ChannelHttp {
  const given = own ?? global;
  if (!given) return PLAIN_HTTP;
  const { basic_auth: basic, authorization: custom, bearer_token: bearer, http_headers: headers } = given;
  const pair = basic && `${basic.username ?? ''}:${basic.password ?? ''}`;
  const authorization =
    pair === undefined
      ? custom
        ? `${custom.type} ${custom.credentials ?? ''}`
        : bearer && `Bearer ${bearer}`
      : `Basic ${Buffer.from(pair).toString('base64')}`;
  const proxy = given.proxy_url === undefined ? undefined : URL.parse(given.proxy_url);
  const secrets = [
    basic?.password,
    pair,
    custom?.credentials,
    bearer,
    proxy?.password,
    proxy ? `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}` : undefined,
    given.tls_config?.key,
    ...Object.values(headers).flatMap((header) => header.secrets),
  ];
  return {
    authorization,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, header]) => [name, [...header.values, ...header.secrets].join(', ')]),
    ),
    proxyUrl: given.proxy_url,
    noProxy: given.no_proxy,
    proxyFromEnvironment: given.proxy_from_environment,
    followRedirects: given.follow_redirects,
    http2: given.enable_http2,
    tls: channelTls(given.tls_config),
    secrets: secrets.flatMap((secret) => (secret === undefined || secret === '' ? [] : [secret])),
  };
}

/** A certificate needs its key and the other way round. */
export function checkTls(given: Mapping, path: readonly (string | number)[], refuse: Refuse): void {
  for (const [one, other] of [
    ['cert', 'key'],
    ['key', 'cert'],
  ] as const)
    if (isGiven(given, one) && !isGiven(given, other)) refuse([...path, one], `${other} beside ${one}`);
}
