import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ConfigError, loadConfig } from '@tocsin/service/config';
import { chooseServices } from '../standalone/topology.ts';
import { splitUnits, standaloneUnits, type Unit, type UnitPlaces } from '../systemd/units.ts';
import { EXIT } from './exit-codes.ts';
import { STARTING_CONFIGURATION } from './init.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const READ_AND_ENTER = 0o005;

const USAGE = `Usage: npx tocsin install-service [--split] [--print] [--no-start] [--dir DIR] [--config FILE]

Writes systemd units and starts them. --split: one for each service, and tocsin.target. --print: only show them. --no-start: only write them.
--dir: /etc/systemd/system. --config: /etc/tocsin/tocsin.yaml; a commented one is written where there is none. Secrets that the configuration takes from
the environment belong into the file "environment" beside it, as NAME=value.
`;

/** `install-service`. @returns the exit code: 0, 1 something could not be written or started, 2 bad usage or a bad configuration */
export async function installService(host: NodeJS.Process, args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (typeof options === 'string') {
    host.stderr.write(`${options}\n\n${USAGE}`);
    return EXIT.badConfiguration;
  }
  const configFile = resolve(host.cwd(), options.config);
  const places = {
    nodePath: host.execPath,
    rootDir: ROOT,
    configFile,
    environmentFile: join(dirname(configFile), 'environment'),
  };
  try {
    if (options.print) {
      for (const { name, text } of await unitsOf(places, options.split, host))
        host.stdout.write(`# ${name}\n${text}\n`);
      return EXIT.stopped;
    }
    const closed = options.start
      ? [places.nodePath, ROOT].map(closedFolder).find((folder) => folder !== undefined)
      : undefined;
    if (closed !== undefined) {
      host.stderr.write(
        `Expected an installation that the service's own user may read, such as one in /opt: ${closed} is closed to others.\n`,
      );
      return EXIT.failed;
    }
    writeOnce(configFile, STARTING_CONFIGURATION, 0o644, host);
    writeOnce(places.environmentFile, environmentText(), 0o600, host);
    const units = await unitsOf(places, options.split, host);
    const folder = resolve(host.cwd(), options.dir);
    mkdirSync(folder, { recursive: true });
    for (const { name, text } of units) {
      writeFileSync(join(folder, name), text, { mode: 0o644 });
      host.stdout.write(`${join(folder, name)} is written.\n`);
    }
    return options.start ? start(host, folder, options.split) : EXIT.stopped;
  } catch (error) {
    if (error instanceof ConfigError) {
      host.stderr.write(`${error.message}\n`);
      return EXIT.badConfiguration;
    }
    if (!(error instanceof Error && 'code' in error)) throw error;
    host.stderr.write(`${error.message}\n`);
    return EXIT.failed;
  }
}

interface Options {
  readonly split: boolean;
  readonly print: boolean;
  readonly start: boolean;
  readonly dir: string;
  readonly config: string;
}

/** @returns what is wrong with the command line, in words */
function readOptions(args: readonly string[]): Options | string {
  try {
    const flag = { type: 'boolean', default: false } as const;
    const { values } = parseArgs({
      args: [...args],
      options: {
        split: flag,
        print: flag,
        'no-start': flag,
        dir: { type: 'string', default: '/etc/systemd/system' },
        config: { type: 'string', default: '/etc/tocsin/tocsin.yaml' },
      },
    });
    const { 'no-start': noStart, ...rest } = values;
    const spaced = [values.config, values.dir].find((path) => /[\s%"'\\]/.test(path));
    if (spaced !== undefined) return `expected a path without spaces, quotes and %, found ${JSON.stringify(spaced)}`;
    return { ...rest, start: !noStart };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return error.message;
  }
}

/** Which services there are depends on whether another ClickHouse is configured. */
async function unitsOf(places: UnitPlaces, split: boolean, host: NodeJS.Process): Promise<readonly Unit[]> {
  if (!split) return standaloneUnits(places);
  const file = existsSync(places.configFile) ? places.configFile : undefined;
  const config = await loadConfig({ file, env: host.env, workingDir: host.cwd() });
  return splitUnits(places, chooseServices(config.clickhouse.url !== undefined));
}

function environmentText(): string {
  return `# Secrets for tocsin.yaml, as SLACK_WEBHOOK_URL=https://…; read by systemd before the services start.
# What Tocsin's own processes show to the collector.
TOCSIN_INTERNAL_KEY=${randomBytes(32).toString('base64url')}
`;
}

function writeOnce(path: string, text: string, mode: number, host: NodeJS.Process): void {
  mkdirSync(dirname(path), { recursive: true });
  try {
    writeFileSync(path, text, { flag: 'wx', mode });
    host.stdout.write(`${path} is written.\n`);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    host.stdout.write(`${path} is there already; it was not changed.\n`);
  }
}

/** The first folder above a path that others may not enter. */
function closedFolder(path: string): string | undefined {
  const parent = dirname(path);
  const above = parent === path ? undefined : closedFolder(parent);
  if (above !== undefined) return above;
  const stats = statSync(path);
  return stats.isDirectory() && (stats.mode & READ_AND_ENTER) !== READ_AND_ENTER ? path : undefined;
}

/** Starts the units; those of the other way to run are switched off first, for both would want the same data. */
function start(host: NodeJS.Process, folder: string, split: boolean): number {
  if (!existsSync('/run/systemd/system')) {
    host.stderr.write('systemd does not run here: the units are written, nothing was started.\n');
    return EXIT.failed;
  }
  const [unit, other] = split ? ['tocsin.target', 'tocsin.service'] : ['tocsin.service', 'tocsin.target'];
  const off = existsSync(join(folder, other)) ? [['disable', '--now', other]] : [];
  for (const command of [...off, ['daemon-reload'], ['enable', unit], ['restart', unit]]) {
    const { status } = spawnSync('systemctl', command, { stdio: 'inherit' });
    if (status !== 0) {
      host.stderr.write(`systemctl ${command.join(' ')} failed.\n`);
      return EXIT.failed;
    }
  }
  host.stdout.write(`${unit} is started. Its log: journalctl -u 'tocsin*' -f\n`);
  return EXIT.stopped;
}
