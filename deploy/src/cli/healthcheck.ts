import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readInvocation } from '@tocsin/service/invocation';
import { askHealth } from '../standalone/readiness.ts';
import { EXIT } from './exit-codes.ts';

/** What orchestrators give a check by default is 1 s (Kubernetes) to 30 s (Docker). */
const LIMIT_MS = 4_000;
const USAGE = `Usage: npx tocsin healthcheck [URL…] [--ready] [--data DIR]

Asks /healthz, or with --ready /readyz, of each URL (http://127.0.0.1:4318), or of every service that "tocsin up" runs on the data.
`;

/** `healthcheck`: whether the processes live. What does not is named on standard error. @returns the exit code: 0 all do, 1 not, 2 bad arguments */
export async function runHealthcheck(host: NodeJS.Process, args: readonly string[]): Promise<number> {
  const asked = readAsked(host, args);
  if (!asked) {
    host.stderr.write(USAGE);
    return EXIT.badConfiguration;
  }
  const urls = asked.urls.length > 0 ? asked.urls : readEndpoints(asked.dataDir);
  if (urls.length === 0) {
    host.stderr.write(`${asked.dataDir}: expected a running Tocsin (endpoints.json), found none\n`);
    return EXIT.failed;
  }
  const signal = AbortSignal.timeout(LIMIT_MS);
  const path = asked.ready ? '/readyz' : '/healthz';
  const troubles = await Promise.all(urls.map((url) => askHealth(`${url.replace(/\/$/, '')}${path}`, signal)));
  for (const trouble of troubles) if (trouble !== undefined) host.stderr.write(`${trouble}\n`);
  return troubles.every((trouble) => trouble === undefined) ? EXIT.stopped : EXIT.failed;
}

interface Asked {
  readonly urls: readonly string[];
  readonly ready: boolean;
  readonly dataDir: string;
}

/** @returns `undefined` where the command line cannot be understood */
function readAsked(host: NodeJS.Process, args: readonly string[]): Asked | undefined {
  try {
    const options = { ready: { type: 'boolean', default: false }, data: { type: 'string' } } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    if (!positionals.every((url) => /^https?:\/\//.test(url) && URL.canParse(url))) return undefined;
    const data = values.data === undefined ? [] : ['--data', values.data];
    return { urls: positionals, ready: values.ready, dataDir: readInvocation(data, host.env, host.cwd()).dataDir };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return undefined;
  }
}

/** The addresses that speak HTTP, as the launcher wrote them when all were ready. */
function readEndpoints(dataDir: string): readonly string[] {
  try {
    const text = readFileSync(join(dataDir, 'endpoints.json'), 'utf8');
    const { endpoints } = JSON.parse(text) as { endpoints: Readonly<Record<string, string>> };
    return Object.entries(endpoints).flatMap(([name, url]) => (name.endsWith('.http') ? [url] : []));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
