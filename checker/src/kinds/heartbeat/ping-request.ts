import { createHash, timingSafeEqual } from 'node:crypto';
import type { HeartbeatMonitor } from './heartbeat-state.ts';

/** What a path says: `/ping/TOKEN` (success), `/start`, `/fail`, `/log`, or an exit code. */
export interface PingPath {
  readonly token: string;
  readonly action: 'success' | 'start' | 'fail' | 'log';
  readonly exitCode: number | undefined;
}

/** Reads the path of a call. @returns `undefined` where it is none */
export function parsePingPath(url: string): PingPath | undefined {
  const [, token, word = 'success'] =
    /^\/ping\/([A-Za-z0-9_-]{1,128})(?:\/(start|success|fail|log|\d{1,3}))?\/?(?:\?.*)?$/.exec(url) ?? [];
  if (token === undefined) return undefined;
  if (word === 'success' || word === 'start' || word === 'fail' || word === 'log')
    return { token, action: word, exitCode: undefined };
  const exitCode = Number(word);
  return exitCode > 255 ? undefined : { token, action: exitCode === 0 ? 'success' : 'fail', exitCode };
}

/** Finds monitors by their tokens without telling by the time it takes how much of a token is right. */
export class TokenTable {
  readonly #entries: readonly (readonly [digest: Buffer, monitor: HeartbeatMonitor])[];

  constructor(monitors: readonly HeartbeatMonitor[]) {
    this.#entries = monitors.map((monitor) => [digestOf(monitor.token), monitor]);
  }

  find(token: string): HeartbeatMonitor | undefined {
    const digest = digestOf(token);
    let found: HeartbeatMonitor | undefined;
    for (const [known, monitor] of this.#entries) if (timingSafeEqual(known, digest)) found = monitor;
    return found;
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** At most so many calls in a minute by each caller. */
export class PingLimit {
  readonly #perMinute: number;
  #minute = 0;
  #counts = new Map<string, number>();

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /** Whether a further call is one too many. Counts of callers beyond 10,000 are shared by all of them. */
  isTooMany(caller: string, nowUnixMs: number): boolean {
    const minute = Math.floor(nowUnixMs / 60_000);
    if (minute !== this.#minute) this.#counts = new Map();
    this.#minute = minute;
    const key = this.#counts.has(caller) || this.#counts.size < 10_000 ? caller : '';
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return count > this.#perMinute;
  }
}
