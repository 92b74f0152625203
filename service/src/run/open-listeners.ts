import { formatAddress, openListeners } from '../config/index.ts';
import type { Logger } from '../log/logger.ts';

/**
 * Says at every start which of a service's own listeners others can reach without a password.
 * @param listening the URLs by their settings, as the service tells them
 */
export function warnOfOpenListeners(
  config: Parameters<typeof openListeners>[0],
  listening: Readonly<Record<string, string>>,
  log: Pick<Logger, 'warn'>,
): void {
  for (const [listener, address] of openListeners(config)) {
    if (listening[listener] === undefined) continue;
    log.warn(
      { listener, address: formatAddress(address) },
      'no authentication (unauthenticated_listeners): whoever reaches this address can use it',
    );
  }
}
