import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ClientSession } from '../../src/clickhouse/engine/client-session.ts';
import { createClientSessions, type SessionRequest } from '../../src/clickhouse/engine/client-sessions.ts';

afterEach(() => vi.useRealTimers());

/** Sessions without an engine: `closed` collects those that have ended. */
function makeSessions(): { make: (name: string) => () => ClientSession; closed: string[] } {
  const closed: string[] = [];
  const make = (name: string) => () =>
    ({ readonly: 0, engineSession: { close: () => closed.push(name) } }) as unknown as ClientSession;
  return { make, closed };
}

function request(key: string, more: Partial<SessionRequest> = {}): SessionRequest {
  return { key, timeoutMs: 1_000, mustExist: false, close: false, ...more };
}

describe('sessions of clients', () => {
  it('are as many as the limit says; one that is too many is refused and counted', async () => {
    const sessions = createClientSessions(2);
    const { make } = makeSessions();
    const first = await sessions.acquire(request('a'), make('a'));
    await sessions.acquire(request('b'), make('b'));
    await expect(sessions.acquire(request('c'), make('c'))).rejects.toMatchObject({ code: 700 });
    expect([sessions.stats.open, sessions.stats.refused]).toEqual([2, 1]);
    first.release();
    expect((await sessions.acquire(request('a'), make('again'))).session).toBe(first.session);
    sessions.close();
  });

  it('serve one request at a time; the next waits only for one that is answered, and only one of two gets it', async () => {
    const sessions = createClientSessions(2);
    const { make } = makeSessions();
    const first = await sessions.acquire(request('a'), make('a'));
    await expect(sessions.acquire(request('a'), make('a'))).rejects.toMatchObject({ code: 373 });
    first.answered();
    const both = Promise.allSettled([1, 2].map(() => sessions.acquire(request('a'), make('a'))));
    first.release();
    expect((await both).map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    sessions.close();
  });

  it('end when they are idle too long, not while they work', async () => {
    vi.useFakeTimers();
    const sessions = createClientSessions(2);
    const { make, closed } = makeSessions();
    (await sessions.acquire(request('a'), make('a'))).release();
    vi.advanceTimersByTime(900);
    const again = await sessions.acquire(request('a', { mustExist: true }), make('never'));
    vi.advanceTimersByTime(5_000);
    expect(closed).toEqual([]);
    again.release();
    vi.advanceTimersByTime(1_001);
    expect(closed).toEqual(['a']);
    await expect(sessions.acquire(request('a', { mustExist: true }), make('a'))).rejects.toMatchObject({ code: 372 });
  });

  it('end at once when asked, when spoilt, and at the end of all', async () => {
    const sessions = createClientSessions(9);
    const { make, closed } = makeSessions();
    (await sessions.acquire(request('asked', { close: true }), make('asked'))).release();
    const spoilt = await sessions.acquire(request('spoilt'), make('spoilt'));
    spoilt.spoil();
    spoilt.release();
    expect(closed).toEqual(['asked', 'spoilt']);
    (await sessions.acquire(request('idle'), make('idle'))).release();
    const working = await sessions.acquire(request('working'), make('working'));
    sessions.close();
    expect(closed).toEqual(['asked', 'spoilt', 'idle']);
    working.release();
    expect(closed).toEqual(['asked', 'spoilt', 'idle', 'working']);
    await expect(sessions.acquire(request('late'), make('late'))).rejects.toMatchObject({ code: 236 });
  });
});
