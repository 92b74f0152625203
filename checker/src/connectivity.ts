import { connect } from 'node:net';
import { type Address, formatAddress } from '@tocsin/service/config';
import type { Clock } from './clock.ts';
import type { ProbeRun } from './probe-run.ts';
import { unknown, type Verdict } from './verdict.ts';

/** Whether this checker's way out works, asked of targets that are known to answer. */
export interface Connectivity {
  /** Resolves true where there are targets and none of them takes a connection now. */
  isLost(): Promise<boolean>;
}

const LIMIT_MS = 2_000;
/** An answer holds for so long: many monitors may fail in one moment. */
const KEPT_MS = 1_000;

/** @param targets empty means that nobody can say, so nothing is ever lost */
export function createConnectivity(targets: readonly Address[], clock: Clock): Connectivity {
  let asked: { readonly atMs: number; readonly answer: Promise<boolean> } | undefined;
  return {
    isLost() {
      if (targets.length === 0) return Promise.resolve(false);
      if (!asked || clock.monotonicMs() - asked.atMs > KEPT_MS) {
        const answers = targets.map((target) => takesConnection(target, clock));
        const answer = Promise.any(answers.map(async (taken) => ((await taken) ? true : Promise.reject(REFUSED))));
        asked = { atMs: clock.monotonicMs(), answer: answer.then(() => false).catch(() => true) };
      }
      return asked.answer;
    },
  };
}

const REFUSED = new Error('no connection');

function takesConnection({ host, port }: Address, clock: Clock): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (taken: boolean): void => {
      cancel();
      socket.destroy();
      resolve(taken);
    };
    const cancel = clock.after(LIMIT_MS, () => settle(false));
    socket.once('connect', () => settle(true));
    // Also after it has settled: a socket's error that nobody listens for ends the process.
    socket.on('error', () => settle(false));
  });
}

/** A failure while this checker has no way out says nothing about the target, but for what a job itself has told. */
export async function discountLostConnectivity(
  run: ProbeRun,
  connectivity: Connectivity,
  targets: readonly Address[],
): Promise<ProbeRun> {
  const { outcome, reason } = run.verdict;
  if (outcome !== 'down' || reason === 'heartbeat_failed' || !(await connectivity.isLost())) return run;
  const asked = targets.map(formatAddress).join(', ');
  const message = `none of the checker's connectivity targets answers (${asked}): ${run.verdict.message}`;
  const verdict: Verdict = unknown('connectivity_lost', message);
  return { ...run, verdict };
}
