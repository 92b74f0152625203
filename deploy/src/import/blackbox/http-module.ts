import type { Fields } from '../fields.ts';
import { FileText, type Setting, type Settings } from '../imported.ts';

/** A target without a scheme is http there. */
export function httpUrlOf(target: string): string {
  return /^https?:\/\//.test(target) ? target : `http://${target}`;
}

/** A secret in the file, or the file that has it. */
export function secretOf(fields: Fields, key: string): string | FileText | undefined {
  const file = fields.text(`${key}_file`);
  return fields.text(key) ?? (file === undefined ? undefined : new FileText(file));
}

/** `tls_config` as our `tls`. Source: Prometheus's configuration, `<tls_config>`. */
export function tlsSettings(tls: Fields): Settings {
  return {
    insecure: tls.flag('insecure_skip_verify') === true ? true : undefined,
    ca_file: tls.text('ca_file'),
    cert_file: tls.text('cert_file'),
    key_file: tls.text('key_file'),
    server_name: tls.text('server_name'),
  };
}

/** `4` or `6` where there is no way back to the other. A preference alone is told: ours tries what the system offers, in its order. */
export function ipVersion(fields: Fields, notes: string[]): Settings {
  const preferred = fields.text('preferred_ip_protocol');
  const hasFallback = fields.flag('ip_protocol_fallback') !== false;
  if (preferred === undefined) return {};
  if (hasFallback) {
    notes.push(`preferred_ip_protocol: ${preferred} (both versions are tried)`);
    return {};
  }
  const version = /^ip([46])$/.exec(preferred)?.[1];
  if (version === undefined) notes.push(`preferred_ip_protocol: ${preferred}`);
  return { ip: version };
}

/** For kinds that have no choice of version: what is lost is told. */
export function noteIpVersion(fields: Fields, notes: string[]): void {
  const preferred = fields.text('preferred_ip_protocol') ?? '';
  if (ipVersion(fields, notes)['ip'] === undefined) return;
  notes.push(`preferred_ip_protocol: ${preferred} without a fallback (both versions are tried)`);
}

/** The `http` part of a module. Source: blackbox_exporter's CONFIGURATION.md, `<http_probe>`. */
export function httpSettings(http: Fields, notes: string[]): Settings {
  const basic = http.at('basic_auth');
  const oauth2 = http.at('oauth2');
  const follows = http.flag('follow_redirects') !== false && http.flag('no_follow_redirects') !== true;
  const limit = http.text('body_size_limit');
  const tls = http.at('tls_config');
  const bodyFile = http.text('body_file');
  http.ignore('compression');
  return {
    method: http.text('method'),
    headers: { ...headerLists(http, notes), ...http.map('headers') },
    body: http.text('body'),
    body_file: bodyFile,
    ...(basic.has('username')
      ? { basic: { username: basic.text('username'), password: secretOf(basic, 'password') ?? '' } }
      : {}),
    bearer: bearerOf(http, notes),
    ...(oauth2.has('client_id')
      ? {
          oauth2: {
            token_url: oauth2.text('token_url'),
            client_id: oauth2.text('client_id'),
            client_secret: secretOf(oauth2, 'client_secret'),
            scopes: oauth2.texts('scopes'),
          },
        }
      : {}),
    redirects: follows ? undefined : 'stop',
    proxy: http.text('proxy_url'),
    version: http.flag('enable_http2') === false ? '1.1' : undefined,
    max_body: limit === undefined ? undefined : limit.replace(/^(\d+)([KMG])B$/, '$1$2iB'),
    ...ipVersion(http, notes),
    tls: tlsSettings(tls),
    expect: expectations(http, tls, notes),
  };
}

/** The newer form of headers, each with a list of values. Our header has one. */
function headerLists(http: Fields, notes: string[]): Settings {
  const lists = http.at('http_headers');
  return Object.fromEntries(
    lists.keys().flatMap((name) => {
      const header = lists.at(name);
      const values = [...header.texts('values'), ...header.texts('secrets')];
      if (header.has('files')) notes.push(`the header ${name} from files: "\${file:PATH}" as its value`);
      header.ignore('files');
      return values.length === 0 ? [] : [[name, values.join(', ')] as const];
    }),
  );
}

function bearerOf(http: Fields, notes: string[]): string | FileText | undefined {
  const authorization = http.at('authorization');
  const type = authorization.text('type') ?? 'Bearer';
  const credentials = secretOf(authorization, 'credentials');
  if (credentials !== undefined && type !== 'Bearer') notes.push(`authorization of the type ${type}`);
  return secretOf(http, 'bearer_token') ?? (type === 'Bearer' ? credentials : undefined);
}

function expectations(http: Fields, tls: Fields, notes: string[]): Settings {
  const oldest = /^TLS1([0-3])$/.exec(tls.text('min_version') ?? '')?.[1];
  const isTlsNeeded = http.flag('fail_if_not_ssl') === true;
  if (http.flag('fail_if_ssl') === true) notes.push('fail_if_ssl');
  const versions = http.texts('valid_http_versions');
  if (versions.length > 0) notes.push(`valid_http_versions: ${versions.join(', ')}`);
  const tests = [
    ...headerTests(http.list('fail_if_header_matches'), 'not_matches', notes),
    ...headerTests(http.list('fail_if_header_not_matches'), 'matches', notes),
  ];
  return {
    status: http.texts('valid_status_codes').length > 0 ? http.texts('valid_status_codes') : undefined,
    body_not_matches: http.texts('fail_if_body_matches_regexp'),
    body_matches: http.texts('fail_if_body_not_matches_regexp'),
    header: tests,
    tls_version: oldest === undefined ? (isTlsNeeded ? '1.0' : undefined) : `1.${oldest}`,
  };
}

function headerTests(rules: readonly Fields[], test: 'matches' | 'not_matches', notes: string[]): Setting[] {
  return rules.map((rule) => {
    if (test === 'matches' && rule.flag('allow_missing') === true)
      notes.push(`allow_missing of the header ${rule.text('header') ?? ''}: with us it has to be there`);
    rule.ignore('allow_missing');
    return { name: rule.text('header') ?? '', [test]: rule.text('regexp') ?? '' };
  });
}
