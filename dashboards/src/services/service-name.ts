/** How a service without a name is called where one is needed. */
export const NAMELESS = '(no service.name)';

/** A service's name for people. */
export function showServiceName(stored: string): string {
  return stored === '' ? NAMELESS : stored;
}

/** A service's name as it is stored. */
export function readServiceName(shown: string): string {
  return shown === NAMELESS ? '' : shown;
}
