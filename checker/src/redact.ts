import { isSecretParameter } from '@tocsin/service/config';

const HIDDEN = '[hidden]';

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

/** Shorter values would black out ordinary words. */
const SHORTEST_SECRET = 4;

/** Every text of a request that must not be repeated: header values, their credentials alone, userinfo. */
export function collectSecrets(url: URL, headers: Readonly<Record<string, string>>): readonly string[] {
  const secrets = new Set<string>();
  for (const [name, value] of Object.entries(headers)) {
    if (OPEN_HEADERS.has(name.toLowerCase())) continue;
    secrets.add(value);
    secrets.add(value.replace(/^(?:basic|bearer|digest|token|apikey)\s+/i, ''));
  }
  for (const part of [url.username, url.password]) {
    secrets.add(part);
    secrets.add(safelyDecode(part));
  }
  for (const [name, value] of url.searchParams) {
    if (isSecretParameter(name)) secrets.add(value);
  }
  return [...secrets].filter((secret) => secret.length >= SHORTEST_SECRET).sort((a, b) => b.length - a.length);
}

/** The text with every secret in it blacked out. */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((shown, secret) => shown.replaceAll(secret, HIDDEN), text);
}

/** Percent-decoding that leaves text alone that is not percent-encoded properly. */
export function safelyDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
