import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';

/** As much of a service of a compose file as the tests read. */
export interface ComposeService {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly ports?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly network_mode?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly stop_grace_period?: string;
}

export interface ComposeFile {
  readonly name: string;
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

export const ROOT = join(import.meta.dirname, '../../..');
export const COMPOSE = join(ROOT, 'deploy/compose');

/**
 * Reads a compose file as `docker compose config` does: anchors merged, variables filled in.
 * @throws Error for a variable that has to be set and is not
 */
export function readCompose(name: string, env: Readonly<Record<string, string>>): ComposeFile {
  return interpolate(parse(readFileSync(join(COMPOSE, name), 'utf8'), { merge: true }), env) as ComposeFile;
}

/** The variables of an `.env` file. */
export function readEnvFile(path: string): Record<string, string> {
  const lines = readFileSync(path, 'utf8').split('\n');
  return Object.fromEntries(
    lines.flatMap((line) => (/^\w+=/.test(line) ? [line.split('=', 2) as [string, string]] : [])),
  );
}

/** Volumes of a service as `[source, target, mode]`; a source that is a path is absolute. */
export function volumesOf({ volumes = [] }: ComposeService): readonly (readonly [string, string, string])[] {
  return volumes.map((volume) => {
    const [source = '', target = '', mode = 'rw'] = volume.split(':');
    return [source.startsWith('.') ? resolve(dirname(join(COMPOSE, 'x')), source) : source, target, mode];
  });
}

/** Source: Compose specification, "Interpolation". */
function interpolate(value: unknown, env: Readonly<Record<string, string>>): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => interpolate(item, env));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, interpolate(item, env)]));
  if (typeof value !== 'string') return value;
  return value.replaceAll(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name: string, kind?: string, text = '') => {
    const found = env[name];
    if (found !== undefined && found !== '') return found;
    if (kind === '?') throw new Error(`${name} is missing: ${text}`);
    return kind === '-' ? (text as string) : '';
  });
}
