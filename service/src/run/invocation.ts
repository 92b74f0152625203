import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Address, parseAddress } from '../config/index.ts';
import { LOG_LEVELS } from '../log/logger.ts';

/** Settings whose address `--listen` may override. */
export const LISTEN_NAMES = [
  'collector.http',
  'collector.grpc',
  'clickhouse.http',
  'checker.http',
  'checker.heartbeat.listen',
  'alerting.http',
  'console.http',
  'status_page.listen',
] as const;
export type ListenName = (typeof LISTEN_NAMES)[number];

/** The flag of a process that is only to load its code and end. */
export const LOAD_ONLY = '--load-only';

/** What may stand behind `Bearer`. Source: RFC 6750, section 2.1. */
const INTERNAL_KEY = /^[A-Za-z0-9\-._~+/=]{32,}$/;

/** What the command line and the environment say. */
export interface Invocation {
  /** Absolute path, or `undefined` for all defaults. */
  readonly configFile: string | undefined;
  /** Absolute path. */
  readonly dataDir: string;
  readonly listen: ReadonlyMap<ListenName, Address>;
  /** `TOCSIN_INTERNAL_KEY`: the same for all of Tocsin's processes, which show it to the collector. */
  readonly internalKey: string | undefined;
}

/** The command line cannot be understood. */
export class InvocationError extends Error {
  override readonly name = 'InvocationError';
  readonly code = 'TOCSIN_INVOCATION_INVALID';
}

/**
 * Reads `--config FILE --data DIR --listen NAME=ADDRESS …`, then `TOCSIN_CONFIG` and `TOCSIN_DATA`, then the defaults: `tocsin.yaml` in
 * the working folder if there is one, and `data`.
 * @throws InvocationError with a sentence for the user
 */
export function readInvocation(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  workingDir: string,
): Invocation {
  const { config, data, listen } = parseFlags(args);
  if (readLogLevel(env) === undefined) {
    const found = JSON.stringify(env['TOCSIN_LOG_LEVEL']);
    throw new InvocationError(`TOCSIN_LOG_LEVEL: expected one of ${LOG_LEVELS.join(', ')}, found ${found}`);
  }
  const internalKey = env['TOCSIN_INTERNAL_KEY'] || undefined;
  if (internalKey !== undefined && !INTERNAL_KEY.test(internalKey)) {
    const expected = 'at least 32 letters, digits and any of -._~+/=';
    throw new InvocationError(`TOCSIN_INTERNAL_KEY: expected ${expected}, found ${internalKey.length} characters`);
  }
  const fallback = resolve(workingDir, 'tocsin.yaml');
  const named = config ?? env['TOCSIN_CONFIG'];
  return {
    configFile:
      named === undefined || named === '' ? (existsSync(fallback) ? fallback : undefined) : resolve(workingDir, named),
    dataDir: resolve(workingDir, data ?? (env['TOCSIN_DATA'] || 'data')),
    listen: new Map(listen.map(parseListen)),
    internalKey,
  };
}

/** @returns the log level that the environment asks for, `info` by default; `undefined` where there is no such level */
export function readLogLevel(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const level = env['TOCSIN_LOG_LEVEL'] || 'info';
  return LOG_LEVELS.find((known) => known === level);
}

function parseFlags(args: readonly string[]): { config?: string; data?: string; listen: string[] } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { config: { type: 'string' }, data: { type: 'string' }, listen: { type: 'string', multiple: true } },
      strict: true,
      allowPositionals: false,
    });
    return { ...values, listen: values.listen ?? [] };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvocationError(`${reason.replace(/\.?$/, '.')} Expected: --config FILE --data DIR`, { cause: error });
  }
}

function parseListen(entry: string): [ListenName, Address] {
  const [name = '', value = ''] = entry.split('=', 2);
  const known = LISTEN_NAMES.find((candidate) => candidate === name);
  const address = parseAddress(value);
  if (known && address) return [known, address];
  throw new InvocationError(
    `--listen ${entry}: expected NAME=PORT or NAME=HOST:PORT, NAME one of ${LISTEN_NAMES.join(', ')}`,
  );
}
