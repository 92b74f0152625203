import { runRulesCommand } from './command.ts';

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interruption.abort());
const isWatched = process.stderr.isTTY;
const clear = (): void => {
  if (isWatched) process.stderr.write('\r\u001b[K');
};
process.exitCode = await runRulesCommand({
  args: process.argv.slice(2),
  env: process.env,
  workingDir: process.cwd(),
  nowMs: Date.now(),
  scratchUrl: process.env['TOCSIN_RULES_SCRATCH'],
  out(text) {
    clear();
    process.stdout.write(text);
  },
  complain(text) {
    clear();
    process.stderr.write(text);
  },
  progress: isWatched
    ? (line) => {
        clear();
        process.stderr.write(line);
      }
    : undefined,
  signal: interruption.signal,
});
