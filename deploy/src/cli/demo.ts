import { playDemo } from '../demo/story.ts';
import { EXIT } from './exit-codes.ts';

/** `demo`: plays the whole story in an empty folder. Ctrl-C ends it early. @returns the exit code: 0 when every message arrived */
export async function runDemo(host: NodeJS.Process): Promise<number> {
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) host.on(signal, () => interruption.abort());
  const say = (line: string): void => void host.stdout.write(`${line}\n`);
  const isGood = await playDemo({ host, say, signal: interruption.signal });
  if (interruption.signal.aborted) return EXIT.killed;
  return isGood ? EXIT.stopped : EXIT.failed;
}
