#!/usr/bin/env node
// The command `tocsin`: installs what is missing, then hands over to deploy/src/cli/main.ts on the pinned Node.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureWebBuilt } from './build-web.mjs';
import { COMMANDS, formatHelp } from './commands.mjs';
import { COMPILE_CACHE, ensureInstalled, NODE, ROOT } from './install.mjs';

const [command = 'help', ...args] = process.argv.slice(2);

if (['help', '--help', '-h'].includes(command) || args.includes('--help') || args.includes('-h')) {
  process.stdout.write(formatHelp());
} else if (['version', '--version', '-v'].includes(command)) {
  process.stdout.write(`${JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version}\n`);
} else if (!COMMANDS.some(([name]) => name === command)) {
  process.stderr.write(`Unknown command ${JSON.stringify(command)}.\n\n${formatHelp()}`);
  process.exitCode = 2;
} else {
  // Commands that start the console need its pages.
  const failure =
    ensureInstalled() ?? (['up', 'demo', 'install-service'].includes(command) ? ensureWebBuilt() : undefined);
  if (failure === undefined) run();
  else {
    process.stderr.write(`${failure}\n`);
    process.exitCode = 1;
  }
}

function run() {
  // The launcher makes hardly any objects; V8 by itself would keep 10 MiB for new ones.
  const child = spawn(NODE, ['--max-semi-space-size=1', join(ROOT, 'deploy/src/cli/main.ts'), command, ...args], {
    stdio: 'inherit',
    env: { NODE_COMPILE_CACHE: COMPILE_CACHE, ...process.env },
  });
  // Ctrl-C reaches the child by itself as well; it takes two within a moment for one.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`${NODE} cannot be run: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
  });
}
