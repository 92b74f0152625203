import { runDiffCommand } from './command.ts';

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interruption.abort());
process.exitCode = await runDiffCommand({
  args: process.argv.slice(2),
  env: process.env,
  workingDir: process.cwd(),
  nowMs: Date.now(),
  out: (text) => void process.stdout.write(text),
  complain: (text) => void process.stderr.write(text),
  signal: interruption.signal,
});
