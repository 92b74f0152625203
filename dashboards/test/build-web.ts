import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Before the suites that start the console: builds its pages from the sources as they are. */
export function setup(): void {
  execFileSync(process.execPath, [join(import.meta.dirname, '../../deploy/bin/build-web.mjs')], { stdio: 'inherit' });
}
