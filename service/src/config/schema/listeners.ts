import { type Address, isLoopback, parseAddress } from '../address.ts';
import { asMapping, type Mapping, type Refuse } from './cross-checks.ts';

/**
 * Listeners that ask nobody who he is. The others do: the collector wants a key, the embedded ClickHouse a password, and heartbeats have a
 * token in their address. One that learns to ask leaves this list. `unauthenticated_listeners` names those that others may reach all the same.
 */
export const WITHOUT_AUTHENTICATION = ['console.http', 'alerting.http', 'checker.http'] as const;
export type UnauthenticatedListener = (typeof WITHOUT_AUTHENTICATION)[number];

/** What was expected in place of an address that is open to others. */
export function expectedOfOpen(listener: UnauthenticatedListener): string {
  return `an address on loopback, or ${listener} in unauthenticated_listeners: others can reach this one, and it asks for no password`;
}

/** The addresses of a whole configuration that others can reach and that ask for nothing. */
export function openListeners(config: {
  readonly console: { readonly http: Address };
  readonly alerting: { readonly http: Address };
  readonly checker: { readonly http: Address };
}): ReadonlyMap<UnauthenticatedListener, Address> {
  const { console: own, alerting, checker } = config;
  const addresses = { 'console.http': own.http, 'alerting.http': alerting.http, 'checker.http': checker.http };
  return new Map(
    WITHOUT_AUTHENTICATION.map((listener) => [listener, addresses[listener]] as const).filter(
      ([, { host }]) => !isLoopback(host),
    ),
  );
}

/** Beyond loopback a listener without authentication has to be named. */
export function checkListeners(given: Mapping, refuse: Refuse): void {
  const named: unknown = given['unauthenticated_listeners'];
  for (const listener of WITHOUT_AUTHENTICATION) {
    const [section = '', key = ''] = listener.split('.');
    const host = hostOf(asMapping(given[section])[key]);
    if (host === undefined || isLoopback(host)) continue;
    if (!Array.isArray(named) || !named.includes(listener)) refuse([section, key], expectedOfOpen(listener));
  }
}

/** In a section that has mistakes, addresses are still as they were written. */
function hostOf(address: unknown): string | undefined {
  if (typeof address === 'string' || typeof address === 'number') return parseAddress(address)?.host;
  const { host } = asMapping(address);
  return typeof host === 'string' ? host : undefined;
}
