import { type DemoOutcome, playDemo } from '../demo/story.ts';
import { EXIT } from './exit-codes.ts';

const EXIT_OF: Readonly<Record<DemoOutcome, number>> = {
  told: EXIT.stopped,
  failed: EXIT.failed,
  interrupted: EXIT.killed,
};

/** `demo`: plays the whole story in an empty folder. Ctrl-C ends it early. @returns the exit code: 0 when every message arrived */
export async function runDemo(host: NodeJS.Process): Promise<number> {
  const interruption = new AbortController();
  const interrupt = (): void => interruption.abort();
  // SIGHUP: the terminal was closed. An error of the output: its reader has gone (`npm run demo | head`).
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) host.on(signal, interrupt);
  host.stdout.on('error', interrupt);
  const say = (line: string): void => {
    if (host.stdout.writable) host.stdout.write(`${line}\n`);
  };
  return EXIT_OF[await playDemo({ host, say, signal: interruption.signal, isWatched: host.stdout.isTTY })];
}
