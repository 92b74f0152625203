import type { Writable } from 'node:stream';
import { pino } from 'pino';
import { createDestination } from './destination.ts';

/** The part of pino's logger that services use. */
export type Logger = Pick<pino.Logger, 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'child'>;

/** What `TOCSIN_LOG_LEVEL` may be. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

const SECRETS = ['password', 'auth_password', 'api_url', 'apiUrl', 'authorization', 'token', 'secret'];

/** Makes the JSON-lines logger of a service on a stream such as `process.stdout`; well-known secret fields never show. */
export function createLogger(name: string, level: string, stream: Writable): Logger {
  const options: pino.LoggerOptions = {
    name,
    level,
    base: { service: name },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: SECRETS.flatMap((key) => [key, `*.${key}`]), censor: '[hidden]' },
  };
  return pino(
    options,
    createDestination(stream, (dropped) => {
      const time = new Date().toISOString();
      const msg = 'log lines were dropped: their reader is too slow';
      return `${JSON.stringify({ level: 'warn', time, service: name, dropped, msg })}\n`;
    }),
  );
}

/** A logger that says nothing: for tests. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' });
}
