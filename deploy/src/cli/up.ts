import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { ConfigError, type TocsinConfig } from '@tocsin/service/config';
import { applyListen, loadFileConfig } from '@tocsin/service/effective-config';
import { type Invocation, InvocationError, readInvocation } from '@tocsin/service/invocation';
import { VERSION } from '@tocsin/service/version';
import { UNFINISHED_FILE } from '../backup/unfinished.ts';
import { formatBanner } from '../standalone/banner.ts';
import { Launcher } from '../standalone/launcher.ts';
import { createOutput } from '../standalone/output.ts';
import { createProcessTable } from '../standalone/process-identity.ts';
import { waitUntilReady } from '../standalone/readiness.ts';
import { openTerminal } from '../standalone/terminal.ts';
import { chooseServices } from '../standalone/topology.ts';
import { EXIT } from './exit-codes.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

/** Ctrl-C can arrive twice: from the terminal, and passed on by npm or the wrapper. Within this time it is one. */
const SAME_SIGNAL_MS = 700;
const READY_LIMIT_MS = 5_000;

/** `up`: runs the whole of Tocsin in the foreground until it is told to stop. @returns the exit code */
export async function runUp(host: NodeJS.Process, args: readonly string[]): Promise<number> {
  const beganMs = Date.now();
  const setup = await readSetup(
    host,
    args.filter((arg) => arg !== '--json'),
  );
  if (!setup) return EXIT.badConfiguration;
  const { invocation, fileConfig } = setup;
  if (existsSync(join(invocation.dataDir, UNFINISHED_FILE))) {
    host.stderr.write(
      `Tocsin did not start.\n${invocation.dataDir} is what an unfinished restore has left; remove it and restore again.\n`,
    );
    return EXIT.failed;
  }
  const config = applyListen(fileConfig, invocation.listen);
  const json = args.includes('--json') || host.env['TOCSIN_LOG_FORMAT'] === 'json';
  const color = host.stdout.isTTY && !host.env['NO_COLOR'];
  const output = createOutput(chooseStream(host), { color, json }, Date.now);
  const launcher = new Launcher({
    config,
    fileConfig,
    configFile: invocation.configFile,
    dataDir: invocation.dataDir,
    services: chooseServices(config.clickhouse.url !== undefined),
    rootDir: ROOT,
    nodePath: host.execPath,
    env: {
      NODE_COMPILE_CACHE: resolve(ROOT, 'node_modules/.cache/tocsin-compile'),
      // Of glibc: each of a dozen threads would keep free memory of its own (docs/decisions/0016).
      MALLOC_ARENA_MAX: '2',
      ...host.env,
      // Tocsin's own processes show it to the collector, which may want a key of every sender.
      TOCSIN_INTERNAL_KEY: invocation.internalKey ?? randomBytes(32).toString('base64url'),
    },
    workingDir: host.cwd(),
    pid: host.pid,
    processes: createProcessTable((pid, signal) => host.kill(pid, signal)),
    output,
    now: Date.now,
  });
  const stopAsked = stopWhenTold(host, launcher, output.say);
  host.on('SIGHUP', () => launcher.reload());

  // A start can wait for what never comes (a folder on a server that is away): being told to stop ends it all the same.
  const started = await Promise.race([launcher.start(), stopAsked.then(() => ({ status: 'stopped' }) as const)]);
  if (started.status === 'failed') {
    await launcher.stop();
    host.stderr.write(`Tocsin did not start.\n${started.message}\n`);
    return started.reason === 'bad-configuration' ? EXIT.badConfiguration : EXIT.failed;
  }
  if (started.status === 'ready') {
    const { endpoints } = started;
    const notReady = await Promise.race([waitUntilReady(endpoints, READY_LIMIT_MS), stopAsked.then(() => undefined)]);
    if (notReady) {
      const facts = { version: VERSION, config, ...invocation, endpoints, notReady, tookMs: Date.now() - beganMs };
      if (json) output.say('info', 'ready', { endpoints, notReady });
      output.text(formatBanner(facts));
    }
  }
  await stopAsked;
  await launcher.stop();
  output.say('info', 'stopped');
  return EXIT.stopped;
}

/** Standard output; where it is a terminal, opened anew so that it never blocks. */
function chooseStream(host: NodeJS.Process): Writable {
  if (!host.stdout.isTTY) return host.stdout;
  try {
    return openTerminal(host.platform === 'linux' ? '/proc/self/fd/1' : '/dev/tty');
  } catch (error) {
    // No /proc here, or a terminal of another user: then as Node does it.
    if (error instanceof Error && 'code' in error) return host.stdout;
    throw error;
  }
}

/** Resolves when the stop has begun. A second SIGINT ends everything at once. */
function stopWhenTold(
  host: NodeJS.Process,
  launcher: Launcher,
  say: ReturnType<typeof createOutput>['say'],
): Promise<void> {
  return new Promise((begin) => {
    let firstMs: number | undefined;
    const beginStop = (why: string): void => {
      firstMs = Date.now();
      say('info', why);
      void launcher.stop();
      begin();
    };
    const stop = (signal: NodeJS.Signals): void => {
      if (firstMs === undefined) beginStop(`${signal}: stopping (again to kill)`);
      else if (signal === 'SIGINT' && Date.now() - firstMs > SAME_SIGNAL_MS) {
        say('warn', 'killed');
        launcher.kill();
        host.exit(EXIT.killed);
      }
    };
    host.on('SIGINT', stop);
    host.on('SIGTERM', stop);
    // Started with a channel (the demo does), it lives no longer than the process at the other end.
    if (host.connected) {
      host.on('disconnect', () => {
        if (firstMs === undefined) beginStop('the process that started this one is gone: stopping');
      });
    }
  });
}

async function readSetup(
  host: NodeJS.Process,
  args: readonly string[],
): Promise<{ readonly invocation: Invocation; readonly fileConfig: TocsinConfig } | undefined> {
  try {
    const invocation = readInvocation(args, host.env, host.cwd());
    return { invocation, fileConfig: await loadFileConfig(invocation, { env: host.env, workingDir: host.cwd() }) };
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof InvocationError)) throw error;
    host.stderr.write(`${error.message}\n`);
    return undefined;
  }
}
