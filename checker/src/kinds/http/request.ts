import type { RequestSettings } from '@tocsin/service/config';
import { VERSION } from '@tocsin/service/version';
import { safelyDecode } from '../../secrets/readings.ts';
import type { EncodedBody } from './request-body.ts';

/** A request that is to be sent over one connection. */
export interface HttpRequest {
  readonly url: URL;
  readonly method: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

/** What a request carries beside its settings. */
export interface RequestExtras {
  readonly traceparent: string;
  readonly body?: EncodedBody | undefined;
  /** The value of `authorization`, where it is not in the settings. */
  readonly authorization?: string | undefined;
}

/** The first request of a run. Userinfo in the URL becomes basic authentication unless something else is configured. */
export function buildRequest(
  settings: RequestSettings,
  { traceparent, body, authorization }: RequestExtras,
): HttpRequest {
  const url = new URL(settings.url);
  const headers: Record<string, string> = { 'user-agent': `Tocsin/${VERSION}`, accept: '*/*' };
  const { auth } = settings;
  if (authorization !== undefined) headers['authorization'] = authorization;
  else if (auth?.type === 'basic') headers['authorization'] = basicCredentials(auth.username, auth.password);
  else if (auth?.type === 'bearer') headers['authorization'] = `Bearer ${auth.token}`;
  else if (url.username !== '' || url.password !== '') headers['authorization'] = credentialsOf(url);
  if (body?.contentType !== undefined) headers['content-type'] = body.contentType;
  for (const [name, value] of Object.entries(settings.headers)) headers[name.toLowerCase()] = value;
  return { url, method: settings.method, headers: { ...headers, traceparent }, body: body?.bytes };
}

/** The userinfo of a URL as basic authentication. */
export function credentialsOf(url: URL): string {
  return basicCredentials(safelyDecode(url.username), safelyDecode(url.password));
}

/** Source: RFC 7617, section 2, with UTF-8. */
export function basicCredentials(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
