import { resolve } from 'node:path';
import { type ServiceCommand, serviceCommand, TOPOLOGY } from '../standalone/topology.ts';
import { EXIT } from './exit-codes.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

/**
 * `run SERVICE`: one service in the place of this process, as systemd's units start it, so that signals and exit codes are its own. What else is on the
 * command line is its business.
 * @returns the exit code 2 where there is no such service; otherwise it does not return
 */
export function runOne(host: NodeJS.Process, args: readonly string[]): number {
  const [name, ...rest] = args;
  const spec = TOPOLOGY.find((service) => service.name === name);
  if (!spec) {
    const names = TOPOLOGY.map((service) => service.name).join(', ');
    host.stderr.write(
      `Usage: npx tocsin run SERVICE [--config FILE] [--data DIR] [--listen NAME=ADDRESS …]\nSERVICE is one of ${names}.\n`,
    );
    return EXIT.badConfiguration;
  }
  return become(host, serviceCommand(spec, { nodePath: host.execPath, rootDir: ROOT }), rest);
}

function become(host: NodeJS.Process, [nodePath, ...options]: ServiceCommand, rest: readonly string[]): never {
  if (!host.execve) throw new Error('expected a system with execve (Linux, macOS)');
  return host.execve(nodePath, [nodePath, ...options, ...rest], {
    // Of glibc: each of a dozen threads would keep free memory of its own (docs/decisions/0016).
    MALLOC_ARENA_MAX: '2',
    ...host.env,
  });
}
