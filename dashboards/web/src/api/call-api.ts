import type { Contract, EndpointKey } from '../../../src/api/contract-types.ts';
import type { ErrorBody, FieldError } from '../../../src/api/framework/endpoint-types.ts';

import { markSignedOut } from '../state/session.ts';
import { actorName } from '../state/settings.ts';

export type { EndpointKey } from '../../../src/api/contract-types.ts';
export type Input<Key extends EndpointKey> = Contract[Key]['input'];
export type Answer<Key extends EndpointKey> = Contract[Key]['answer'];

/** There is no answer; `message` is a sentence for people. */
export interface ApiFailure {
  readonly status: 'failed';
  /** The HTTP status, or 0 where none came. */
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly errors?: readonly FieldError[];
}

/** What asking the console gave. */
export type ApiResult<Value> = { readonly status: 'ok'; readonly value: Value } | ApiFailure;

/** As `dashboards/src/api/framework/add-endpoints.ts` wants it of what changes something; where nobody signs in, it says who acts. */
const CHANGE_HEADER = 'x-tocsin-console';

/**
 * Asks an endpoint of the console. Fields of the input that its path names go there; the others into the query, or for what changes something into the
 * body as JSON.
 * @throws AbortError when `signal` says so; every other trouble is a value
 */
export async function callApi<Key extends EndpointKey>(
  key: Key,
  input: Input<Key>,
  signal?: AbortSignal,
): Promise<ApiResult<Answer<Key>>> {
  const { method, url, body } = writeRequest(key, input as Readonly<Record<string, unknown>>);
  let response: Response;
  let value: unknown;
  try {
    response = await fetch(url, {
      method,
      ...(signal && { signal }),
      ...(body !== undefined && {
        body,
        headers: { 'content-type': 'application/json', [CHANGE_HEADER]: encodeURIComponent(actorName.value) || '1' },
      }),
    });
    value = await response.json();
  } catch (error) {
    if (signal?.aborted) throw error;
    return failure(0, 'unreachable', 'The console does not answer. Is Tocsin running?');
  }
  if (response.ok) return { status: 'ok', value: value as Answer<Key> };
  // Signing in is refused alike; there it is an answer to what was typed.
  if (response.status === 401 && !key.endsWith('/session')) markSignedOut();
  const {
    reason = 'failed',
    message = `The console answered with status ${response.status}.`,
    errors,
  } = (value ?? {}) as Partial<ErrorBody>;
  return { ...failure(response.status, reason, message), ...(errors && { errors }) };
}

function failure(code: number, reason: string, message: string): ApiFailure {
  return { status: 'failed', code, reason, message };
}

/** The request that an endpoint's key and input make. Pure. */
export function writeRequest(
  key: string,
  input: Readonly<Record<string, unknown>>,
): { readonly method: string; readonly url: string; readonly body: string | undefined } {
  const [method = 'GET', route = ''] = key.split(' ');
  const rest = new Map(Object.entries(input).filter(([, value]) => value !== undefined));
  const path = route.replace(/:(\w+)/g, (_, name: string) => {
    const value = rest.get(name);
    rest.delete(name);
    return encodeURIComponent(String(value));
  });
  if (method !== 'GET') return { method, url: path, body: JSON.stringify(Object.fromEntries(rest)) };
  const query = new URLSearchParams();
  for (const [name, value] of rest) for (const one of [value].flat()) query.append(name, String(one));
  return { method, url: query.size > 0 ? `${path}?${query}` : path, body: undefined };
}
