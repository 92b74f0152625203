import { runProbeCommand } from './command.ts';

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interruption.abort());
process.exitCode = await runProbeCommand({
  args: process.argv.slice(2),
  env: process.env,
  workingDir: process.cwd(),
  isColored: process.stdout.isTTY && !process.env['NO_COLOR'],
  signal: interruption.signal,
  out: (text) => void process.stdout.write(text),
  complain: (text) => void process.stderr.write(text),
});
// What is still under way, as the lookup of a name whose servers hang, would keep the process for seconds.
process.stdout.write('', () => process.stderr.write('', () => process.exit()));
