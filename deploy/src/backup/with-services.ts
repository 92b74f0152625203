import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { parseAddress, type TocsinConfig } from '@tocsin/service/config';
import { applyListen } from '@tocsin/service/effective-config';
import { type Invocation, LISTEN_NAMES } from '@tocsin/service/invocation';
import { type Endpoints, Launcher } from '../standalone/launcher.ts';
import { createOutput } from '../standalone/output.ts';
import { createProcessTable } from '../standalone/process-identity.ts';
import { TOPOLOGY } from '../standalone/topology.ts';

/** Who starts services for the time of a command. */
export interface ServiceHost {
  readonly invocation: Pick<Invocation, 'configFile' | 'dataDir'>;
  readonly fileConfig: TocsinConfig;
  readonly process: NodeJS.Process;
}

/** What came of it: `started` false where the services could not be started, with the reason. */
export type WithServices<Result> =
  { readonly started: true; readonly result: Result } | { readonly started: false; readonly message: string };

/**
 * Runs `work` while the named services run on the data folder, on ports of loopback that nobody knows, under the launcher's lock.
 * @param work gets the configuration with their addresses
 */
export async function withServices<Result>(
  { invocation, fileConfig, process: host }: ServiceHost,
  names: readonly string[],
  work: (config: TocsinConfig) => Promise<Result>,
): Promise<WithServices<Result>> {
  const anywhere = parseAddress('127.0.0.1:0');
  const listen = new Map(LISTEN_NAMES.flatMap((name) => (anywhere ? [[name, anywhere] as const] : [])));
  const launcher = new Launcher({
    config: applyListen(fileConfig, listen),
    fileConfig,
    configFile: invocation.configFile,
    dataDir: invocation.dataDir,
    services: TOPOLOGY.filter(({ name }) => names.includes(name)),
    rootDir: resolve(import.meta.dirname, '../../..'),
    nodePath: host.execPath,
    env: { ...host.env, TOCSIN_LOG_LEVEL: 'warn', TOCSIN_INTERNAL_KEY: randomBytes(32).toString('base64url') },
    workingDir: host.cwd(),
    pid: host.pid,
    processes: createProcessTable((pid, signal) => host.kill(pid, signal)),
    output: createOutput(host.stderr, { color: false, json: false }, Date.now),
    now: Date.now,
  });
  try {
    const start = await launcher.start();
    if (start.status === 'failed') return { started: false, message: start.message };
    if (start.status === 'stopped') return { started: false, message: 'it was interrupted' };
    return { started: true, result: await work(atEndpoints(fileConfig, start.endpoints)) };
  } finally {
    await launcher.stop();
  }
}

/** The configuration with ClickHouse's address as it listens now. */
export function atEndpoints(config: TocsinConfig, endpoints: Endpoints): TocsinConfig {
  const url = endpoints['clickhouse.http'];
  const address = url === undefined ? undefined : parseAddress(new URL(url).host);
  return address ? applyListen(config, new Map([['clickhouse.http', address]])) : config;
}
