import { pino } from 'pino';

/** The part of pino's logger that services use. */
export type Logger = Pick<pino.Logger, 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'child'>;

const SECRETS = ['password', 'auth_password', 'api_url', 'apiUrl', 'authorization', 'token', 'secret'];

/** Makes the JSON-lines logger of a service on standard output; well-known secret fields never show. */
export function createLogger(name: string, level = 'info'): Logger {
  const options: pino.LoggerOptions = {
    name,
    level,
    base: { service: name },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: SECRETS.flatMap((key) => [key, `*.${key}`]), censor: '[hidden]' },
  };
  return pino(options, createDestination());
}

/**
 * Standard output, written at once and given up at the first error: then its reader has gone, as when the launcher was killed.
 * pino's own writes later and flushes at exit, which against a closed pipe never ends.
 */
function createDestination(): pino.DestinationStream {
  const destination = pino.destination({ dest: 1, sync: true });
  const ignore = (): void => undefined;
  destination.on('error', () => Object.assign(destination, { write: ignore, flushSync: ignore, end: ignore }));
  return destination;
}

/** A logger that says nothing: for tests. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' });
}
