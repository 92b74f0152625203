import type { Logger } from '@tocsin/service/log';

/** Something that is done again and again. */
export interface Round {
  readonly name: string;
  readonly everyMs: number;
  run(): Promise<void>;
}

/** Does each round at once and then every so often, never twice at the same time. A round that fails is said in the log and tried again. */
export function startRounds(rounds: readonly Round[], log: Logger): { stop(): Promise<void> } {
  const isRunning = new Map<string, Promise<void>>();
  const runOnce = ({ name, run }: Round): void => {
    if (isRunning.has(name)) return;
    const running = run()
      .catch((error: unknown) => log.debug({ round: name, err: error }, 'a round failed'))
      .then(() => void isRunning.delete(name));
    isRunning.set(name, running);
  };
  const timers = rounds.map((round) => setInterval(() => runOnce(round), round.everyMs));
  for (const round of rounds) runOnce(round);
  return {
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await Promise.all(isRunning.values());
    },
  };
}
