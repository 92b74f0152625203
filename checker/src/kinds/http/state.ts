import { TlsContexts } from '../../net/tls-context.ts';
import type { Network } from '../kind.ts';
import { TokenCache } from './token.ts';

/** What HTTP runs over one network keep for the next. */
export interface HttpState {
  readonly contexts: TlsContexts;
  readonly tokens: TokenCache;
}

const states = new WeakMap<Network, HttpState>();

/** The state of a network, made at its first use; it goes with the network. */
export function httpStateOf(network: Network): HttpState {
  let state = states.get(network);
  if (!state) {
    state = { contexts: new TlsContexts(network.secureContext), tokens: new TokenCache() };
    states.set(network, state);
  }
  return state;
}
