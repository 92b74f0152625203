import { describe, expect, it } from 'vitest';
import { decideRestart, type ServiceEnd } from '../../src/standalone/restart.ts';

const crash: ServiceEnd = { code: 1, signal: null, livedMs: 5_000, wasEverReady: true, earlierFailures: 0 };

describe('decideRestart', () => {
  it('waits a second after the first end, then twice as long each time, and never more than 30 s', () => {
    const delays = [0, 1, 2, 3, 4, 5, 50].map((earlierFailures) => decideRestart({ ...crash, earlierFailures }));
    expect(delays.map((decision) => decision.action === 'restart' && decision.afterMs)).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
    ]);
  });

  it('starts from one second again once a process has lived for a minute', () => {
    expect(decideRestart({ ...crash, earlierFailures: 6, livedMs: 60_000 })).toEqual({
      action: 'restart',
      afterMs: 1_000,
      failures: 1,
    });
  });

  it('restarts a service that was killed, and one that ended well without being asked', () => {
    expect(decideRestart({ ...crash, code: null, signal: 'SIGKILL' }).action).toBe('restart');
    expect(decideRestart({ ...crash, code: 0 }).action).toBe('restart');
  });

  it('gives up at once a service that refuses its configuration at start', () => {
    expect(decideRestart({ ...crash, wasEverReady: false, code: 2 })).toEqual({
      action: 'give-up',
      reason: 'bad-configuration',
    });
  });

  it('gives up a service that was not ready in three attempts, but none that ever was', () => {
    const neverReady = { ...crash, wasEverReady: false };
    expect(decideRestart({ ...neverReady, earlierFailures: 1 }).action).toBe('restart');
    expect(decideRestart({ ...neverReady, earlierFailures: 2 })).toEqual({
      action: 'give-up',
      reason: 'never-started',
    });
    expect(decideRestart({ ...crash, code: 2, earlierFailures: 100 }).action).toBe('restart');
  });
});
