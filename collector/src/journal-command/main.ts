import { createInterface } from 'node:readline/promises';
import { runJournalCommand } from './command.ts';

process.exitCode = await runJournalCommand(process.argv.slice(2), {
  env: process.env,
  workingDir: process.cwd(),
  now: Date.now,
  // A collector that runs looks into its inbox every second.
  takenLimitMs: 3_000,
  print: (text) => void process.stdout.write(`${text}\n`),
  complain: (text) => void process.stderr.write(`${text}\n`),
  ask: process.stdin.isTTY ? askPerson : undefined,
});

async function askPerson(question: string): Promise<boolean> {
  const line = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await line.question(question)).trim());
  } finally {
    line.close();
  }
}
