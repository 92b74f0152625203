import { createHash } from 'node:crypto';
import type { OAuth2Settings } from '@tocsin/service/config';
import { parseJson } from '../../expect/json-path.ts';
import { done, judged, type Step } from '../../net/step.ts';
import { cutText } from '../../secrets/hide-secrets.ts';
import { unknown } from '../../verdict.ts';
import type { Answer } from './exchange.ts';
import { basicCredentials, type HttpRequest } from './request.ts';

interface KeptToken {
  readonly token: string;
  /** On the monotonic clock. */
  readonly untilMs: number;
}

/** A token is used no longer than until this long before its end, or the last tenth of its life, whichever is shorter. */
const MARGIN_MS = 30_000;
/** RFC 6749, section 5.1: a token without `expires_in` has the life that the server documents; we ask again soon. */
const UNTOLD_LIFE_MS = 60_000;
const MOST_TOKENS = 1_000;

/** The access tokens that runs have got, until they expire. */
export class TokenCache {
  readonly #kept = new Map<string, KeptToken>();

  /** The token of a client, as long as it is good. */
  find(client: OAuth2Settings, nowMs: number): string | undefined {
    const kept = this.#kept.get(keyOf(client));
    return kept && kept.untilMs > nowMs ? kept.token : undefined;
  }

  keep(client: OAuth2Settings, { token, lifeMs }: GrantedToken, nowMs: number): void {
    const key = keyOf(client);
    this.#kept.delete(key);
    this.#kept.set(key, { token, untilMs: nowMs + lifeMs - Math.min(MARGIN_MS, lifeMs / 10) });
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MOST_TOKENS) break;
      this.#kept.delete(oldest);
    }
  }

  /** The target no longer takes the token: the next run asks for another. */
  forget(client: OAuth2Settings): void {
    this.#kept.delete(keyOf(client));
  }
}

function keyOf({ tokenUrl, clientId, clientSecret, scopes, audience }: OAuth2Settings): string {
  return createHash('sha256')
    .update(JSON.stringify([tokenUrl, clientId, clientSecret, scopes, audience]))
    .digest('hex');
}

/** The request for a token. Source: RFC 6749, sections 2.3.1 and 4.4.2 ("Client Credentials Grant"). */
export function buildTokenRequest(client: OAuth2Settings, traceparent: string): HttpRequest {
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  if (client.scopes.length > 0) form.set('scope', client.scopes.join(' '));
  if (client.audience !== undefined) form.set('audience', client.audience);
  const headers: Record<string, string> = {
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded',
    traceparent,
  };
  if (client.credentialsIn === 'body') {
    form.set('client_id', client.clientId);
    form.set('client_secret', client.clientSecret);
  } else {
    const [id, secret] = [encodeURIComponent(client.clientId), encodeURIComponent(client.clientSecret)];
    headers['authorization'] = basicCredentials(id, secret);
  }
  return { url: new URL(client.tokenUrl), method: 'POST', headers, body: Buffer.from(form.toString()) };
}

export interface GrantedToken {
  readonly token: string;
  readonly lifeMs: number;
}

/** Reads the answer of a token URL. Source: RFC 6749, sections 5.1 and 5.2. */
export function readToken(target: string, { statusCode, body }: Answer): Step<GrantedToken> {
  const parsed = parseJson(body.toString('utf8'));
  const granted = (parsed.status === 'json' ? parsed.value : undefined) as
    { access_token?: unknown; expires_in?: unknown; error?: unknown } | null | undefined;
  const token = granted?.access_token;
  if (statusCode !== 200 || typeof token !== 'string' || token === '') {
    const error = typeof granted?.error === 'string' ? ` (${cutText(granted.error, 60)})` : '';
    const found = statusCode === 200 ? 'an answer without one' : `status ${statusCode}${error}`;
    return judged(unknown('token_failed', `expected an access token of ${target}, found ${found}`));
  }
  const lifeS = Number(granted?.expires_in);
  return done({ token, lifeMs: lifeS > 0 ? lifeS * 1_000 : UNTOLD_LIFE_MS });
}
