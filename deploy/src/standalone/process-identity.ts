import { readFileSync } from 'node:fs';

/** A process so that a later one with the same id is not taken for it. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in clock ticks since boot, from `/proc/PID/stat`; empty where there is no `/proc`. */
  readonly started: string;
}

/** Answers whether processes live. */
export interface ProcessTable {
  /** The identity of a running process, or `undefined` when none has this id. */
  identify(pid: number): ProcessIdentity | undefined;
  /** Whether that very process still runs. A zombie does not. */
  isAlive(identity: ProcessIdentity): boolean;
}

/** @param kill as `process.kill`: signal 0 only asks whether the process is there */
export function createProcessTable(kill: (pid: number, signal: 0) => boolean): ProcessTable {
  const exists = (pid: number): boolean => {
    try {
      return kill(pid, 0);
    } catch (error) {
      if (hasCode(error, 'EPERM')) return true;
      if (hasCode(error, 'ESRCH')) return false;
      throw error;
    }
  };
  return {
    identify: (pid) => (exists(pid) ? { pid, started: readStart(pid) } : undefined),
    isAlive: ({ pid, started }) => exists(pid) && readStart(pid) === started,
  };
}

/** Source: proc_pid_stat(5), fields 3 and 22, counted after the last `)` since the name may hold anything. */
function readStart(pid: number): string {
  try {
    const [state, ...fields] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return state === 'Z' ? 'zombie' : (fields[18] ?? '');
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ESRCH')) return '';
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
