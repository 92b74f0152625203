import {
  type ConnectionSettings,
  isSecretParameter,
  type Monitor,
  type RequestBody,
  type RequestSettings,
  type TlsClientSettings,
} from '@tocsin/service/config';
import { findCredentials } from './credentials.ts';
import { SHORTEST_SECRET } from './needles.ts';
import { safelyDecode } from './readings.ts';

/** Header values that everybody may see and that would only make messages unreadable if hidden. */
const OPEN_HEADERS = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'content-type',
  'host',
  'origin',
  'pragma',
  'range',
  'referer',
  'user-agent',
]);

type Headers = Readonly<Record<string, string>>;

/** Every text of a request that must not be repeated: header values, their credentials alone, userinfo, credentials in the query. */
export function collectSecrets(url: URL | undefined, headers: Headers): readonly string[] {
  const secrets = Object.entries(headers).flatMap(([name, value]) => ofHeader(name.toLowerCase(), value));
  if (url) secrets.push(...ofUrl(url));
  return [...new Set(secrets)].filter((secret) => secret.length >= SHORTEST_SECRET);
}

const MOST_HEADERS = 10_000;
const knownHeaders = new Map<string, readonly string[]>();

/** Looked into once: most headers are the same at every run. */
function ofHeader(name: string, value: string): readonly string[] {
  if (OPEN_HEADERS.has(name) || value === '') return [];
  const key = `${name}:${value}`;
  let secrets = knownHeaders.get(key);
  if (!secrets) {
    secrets = readHeader(name, value);
    if (knownHeaders.size >= MOST_HEADERS) knownHeaders.clear();
    knownHeaders.set(key, secrets);
  }
  return secrets;
}

function readHeader(name: string, value: string): readonly string[] {
  if (name === 'cookie') return [value, ...value.split(';').map((pair) => pair.replace(/^[^=]*=/, '').trim())];
  const alone = value.replace(/^(?:basic|bearer|digest|token|apikey)\s+/i, '');
  if (!/^basic\s/i.test(value)) return [value, alone, ...findCredentials(value)];
  // RFC 7617, section 2: base64 of user and password.
  const credentials = Buffer.from(alone, 'base64').toString('utf8');
  return [value, alone, credentials, credentials.replace(/^[^:]*:/, '')];
}

function ofUrl(url: URL): string[] {
  const secrets = [url.username, url.password].flatMap((part) => [part, safelyDecode(part)]);
  for (const [name, value] of url.searchParams) if (isSecretParameter(name)) secrets.push(value);
  return secrets;
}

const known = new WeakMap<Monitor, readonly string[]>();

/** Every text of a monitor's configuration that must not leave the checker. Reckoned once for each monitor. */
export function secretsOf(monitor: Monitor): readonly string[] {
  let secrets = known.get(monitor);
  if (!secrets) {
    const all = [...(monitor.secrets ?? []), ...ofKind(monitor)];
    secrets = [...new Set(all)].filter((secret) => secret.length >= SHORTEST_SECRET);
    known.set(monitor, secrets);
  }
  return secrets;
}

function ofKind(monitor: Monitor): readonly string[] {
  switch (monitor.kind) {
    case 'http':
      return [...ofRequest(monitor.http), ...ofConnection(monitor.connection)];
    case 'flow':
      return [...monitor.flow.flatMap(({ request }) => ofRequest(request)), ...ofConnection(monitor.connection)];
    case 'tcp':
      return [...ofDialogue(monitor.dialogue.flatMap(({ send }) => send ?? [])), ...ofTls(monitor.tls)];
    case 'tls':
    case 'dns':
      return ofTls(monitor.tls);
    case 'grpc':
      return [...collectSecrets(undefined, monitor.metadata), ...ofTls(monitor.tls)];
    case 'websocket': {
      const { url, headers, send, subprotocols, connection } = monitor;
      // Where headers cannot be set, as in a browser, a token goes along as a subprotocol.
      const tokens = subprotocols.filter((name) => /bearer|token|auth|secret|key/i.test(name));
      const afterDot = tokens.map((name) => name.replace(/^.*\./, ''));
      const told = [...tokens, ...afterDot, ...send.flatMap(findCredentials)];
      return [...collectSecrets(new URL(url), headers), ...told, ...ofConnection(connection)];
    }
    case 'domain': {
      const { connection, rdapServer } = monitor;
      return [...(rdapServer === undefined ? [] : ofUrl(new URL(rdapServer))), ...ofConnection(connection)];
    }
    case 'heartbeat':
      return [monitor.token];
    case 'icmp':
      return [];
  }
}

function ofConnection({ proxy, tls }: ConnectionSettings): readonly string[] {
  return [...(proxy === undefined ? [] : ofUrl(new URL(proxy))), ...ofTls(tls)];
}

function ofTls({ keyPassword }: TlsClientSettings): readonly string[] {
  return keyPassword === undefined ? [] : [keyPassword];
}

/** After `AUTH LOGIN` user and password come by themselves. Source: SMTP, draft-murchison-sasl-login. */
function ofDialogue(sends: readonly string[]): readonly string[] {
  const login = sends.findIndex((send) => /^\s*(?:\S+\s+)?AUTH(?:ENTICATE)?\s+LOGIN\s*$/i.test(send));
  const alone = login < 0 ? [] : sends.slice(login + 1, login + 3).map((send) => send.trim());
  return [...sends.flatMap(findCredentials), ...alone];
}

/** What a request is configured with. A URL that a flow fills in later may be none yet. */
function ofRequest({ url, headers, auth, body }: RequestSettings): readonly string[] {
  const secrets = [...collectSecrets(URL.parse(url) ?? undefined, headers), ...ofBody(body)];
  if (auth?.type === 'basic') secrets.push(auth.password);
  if (auth?.type === 'bearer') secrets.push(auth.token);
  if (auth?.type === 'oauth2') secrets.push(auth.clientSecret);
  return secrets;
}

function ofBody(body: RequestBody | undefined): readonly string[] {
  switch (body?.type) {
    case 'text':
      return findCredentials(body.text);
    case 'graphql':
      return [...findCredentials(body.query), ...findCredentials(body.variables ?? '')];
    case 'form':
      return Object.entries(body.fields).flatMap(([name, value]) => ofField(name, value));
    case 'multipart':
      return body.parts.flatMap(({ name, value = '' }) => ofField(name, value));
    default:
      return [];
  }
}

function ofField(name: string, value: string): readonly string[] {
  return /pass|pwd|secret|token|key|credential|otp|pin/i.test(name) ? [value] : findCredentials(value);
}
