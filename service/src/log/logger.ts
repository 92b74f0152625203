import { pino } from 'pino';

/** The part of pino's logger that services use. */
export type Logger = Pick<pino.Logger, 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'child'>;

const SECRETS = ['password', 'auth_password', 'api_url', 'apiUrl', 'authorization', 'token', 'secret'];

/** Makes the JSON-lines logger of a service on standard output; well-known secret fields never show. */
export function createLogger(name: string, level = 'info'): Logger {
  return pino({
    name,
    level,
    base: { service: name },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: SECRETS.flatMap((key) => [key, `*.${key}`]), censor: '[hidden]' },
  });
}

/** A logger that says nothing: for tests. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' });
}
