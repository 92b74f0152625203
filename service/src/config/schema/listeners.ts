import { type Address, isLoopback, parseAddress } from '../address.ts';
import { asMapping, type Mapping, type Refuse } from './cross-checks.ts';

/**
 * Listeners that may ask nobody who he is. The others always do: the collector wants a key, the embedded ClickHouse a password, and heartbeats
 * have a token in their address. That of alerting asks once it has tokens (`alerting.api`), the console once it has users (`console.users`). `unauthenticated_listeners` names those that others may
 * reach all the same.
 */
export const WITHOUT_AUTHENTICATION = ['console.http', 'alerting.http', 'checker.http'] as const;
export type UnauthenticatedListener = (typeof WITHOUT_AUTHENTICATION)[number];

/** What was expected in place of an address that is open to others. */
export function expectedOfOpen(listener: UnauthenticatedListener): string {
  if (listener === 'alerting.http')
    return 'an address on loopback, tokens in alerting.api.tokens, or alerting.http in unauthenticated_listeners: others can reach this one, and it asks for no token';
  if (listener === 'console.http')
    return 'an address on loopback, users in console.users, or console.http in unauthenticated_listeners: others can reach this one, and it asks for no password';
  return `an address on loopback, or ${listener} in unauthenticated_listeners: others can reach this one, and it asks for no password`;
}

/**
 * Whether alerting answers nobody without a token: as `alerting.api.auth` says; where it says nothing, on addresses that others can reach,
 * unless `unauthenticated_listeners` names it.
 */
export function wantsToken(
  { http, api }: { readonly http: Address; readonly api: { readonly auth?: string | undefined } },
  named: readonly string[],
): boolean {
  return api.auth === undefined ? !isLoopback(http.host) && !named.includes('alerting.http') : api.auth === 'required';
}

/** As much of a configuration as says which listeners are open. */
export interface Listeners {
  readonly console: { readonly http: Address; readonly users: readonly unknown[] };
  readonly alerting: { readonly http: Address; readonly api: ApiAccess };
  readonly checker: { readonly http: Address };
  readonly unauthenticatedListeners: readonly UnauthenticatedListener[];
}

interface ApiAccess {
  readonly auth?: 'required' | 'off' | undefined;
  readonly tokens: readonly unknown[];
}

/** The addresses of a whole configuration that others can reach and that ask for nothing. */
export function openListeners(config: Listeners): ReadonlyMap<UnauthenticatedListener, Address> {
  const { console: own, alerting, checker, unauthenticatedListeners: named } = config;
  const addresses = { 'console.http': own.http, 'alerting.http': alerting.http, 'checker.http': checker.http };
  const asks = wantsToken(alerting, named) && alerting.api.tokens.length > 0;
  return new Map(
    WITHOUT_AUTHENTICATION.map((listener) => [listener, addresses[listener]] as const).filter(
      ([listener, { host }]) =>
        !isLoopback(host) &&
        !(listener === 'alerting.http' && asks) &&
        !(listener === 'console.http' && own.users.length > 0),
    ),
  );
}

/** Beyond loopback a listener without authentication has to be named. */
export function checkListeners(given: Mapping, refuse: Refuse): void {
  const list: unknown = given['unauthenticated_listeners'];
  const named = Array.isArray(list) ? list : [];
  for (const listener of WITHOUT_AUTHENTICATION) {
    const [section = '', key = ''] = listener.split('.');
    const host = hostOf(asMapping(given[section])[key]);
    if (host === undefined || isLoopback(host) || named.includes(listener)) continue;
    if (listener === 'console.http' && isList(asMapping(given['console'])['users'])) continue;
    if (listener === 'alerting.http' && asksForTokens(asMapping(asMapping(given['alerting'])['api']))) continue;
    refuse([section, key], expectedOfOpen(listener));
  }
}

function asksForTokens({ auth, tokens }: Mapping): boolean {
  return auth !== 'off' && isList(tokens);
}

function isList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}

/** In a section that has mistakes, addresses are still as they were written. */
function hostOf(address: unknown): string | undefined {
  if (typeof address === 'string' || typeof address === 'number') return parseAddress(address)?.host;
  const { host } = asMapping(address);
  return typeof host === 'string' ? host : undefined;
}
