import { hash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { decideAuth } from '../../src/app.ts';
import type { KeyConfig } from '../../src/server/access/client-key.ts';
import { createGate } from '../../src/server/access/gate.ts';
import { TokenBucket } from '../../src/server/access/token-bucket.ts';
import { SIGNALS } from '../../src/signal.ts';

const NOON_MS = Date.UTC(2026, 10, 22, 12);
const HOUR_MS = 3_600_000;

function keyOf(name: string, limits: Partial<KeyConfig> = {}): KeyConfig {
  const none = { requestsPerSecond: undefined, bytesPerSecond: undefined, dailyBytes: undefined };
  return { name, sha256: hash('sha256', `key-of-${name}`), signals: SIGNALS, ...none, ...limits };
}

function makeGate(...keys: KeyConfig[]) {
  const clock = { nowMs: NOON_MS };
  const gate = createGate({ keys, internalKey: 'internal', now: () => clock.nowMs });
  const admit = (key: string | undefined, required = true) =>
    gate.admit({ authorization: key === undefined ? undefined : `Bearer ${key}` }, 'traces', required);
  return { gate, clock, admit };
}

describe('the gate', () => {
  test('lets in who shows a key of the configuration, by either header, or the internal one', () => {
    const { gate, admit } = makeGate(keyOf('shop'), keyOf('other'));
    expect(admit('key-of-shop')).toMatchObject({ status: 'ok', client: { name: 'shop' } });
    expect(admit('key-of-other')).toMatchObject({ status: 'ok', client: { name: 'other' } });
    expect(admit('internal')).toEqual({ status: 'ok', isInternal: true });
    for (const authorization of ['bearer key-of-shop', 'BEARER  key-of-shop ', undefined])
      expect(
        gate.admit({ authorization, apiKey: authorization ? undefined : 'key-of-shop' }, 'logs', true).status,
      ).toBe('ok');
  });

  test('refuses everybody else where a key is required, the hash of a key included', () => {
    const { gate, admit } = makeGate(keyOf('shop'));
    for (const key of [undefined, '', 'key-of-shoP', 'key-of-shop2', keyOf('shop').sha256])
      expect(admit(key)).toEqual({ status: 'refused', reason: 'unauthenticated' });
    for (const authorization of ['Basic key-of-shop', 'key-of-shop', 'Bearer', 'Bearer key-of-shop key-of-shop'])
      expect(gate.admit({ authorization }, 'logs', true)).toMatchObject({ reason: 'unauthenticated' });
  });

  test('lets in everybody where none is required, and still knows whose key is shown', () => {
    const { admit } = makeGate(keyOf('shop'));
    expect(admit(undefined, false)).toEqual({ status: 'ok' });
    expect(admit('wrong', false)).toEqual({ status: 'ok' });
    expect(admit('key-of-shop', false)).toMatchObject({ client: { name: 'shop' } });
  });

  test('holds a key to its signals', () => {
    const { gate } = makeGate(keyOf('shop', { signals: ['logs'] }));
    const credentials = { apiKey: 'key-of-shop' };
    expect(gate.admit(credentials, 'logs', true).status).toBe('ok');
    expect(gate.admit(credentials, 'traces', true)).toMatchObject({ reason: 'wrong_signal', key: 'shop' });
  });

  test('holds a key to its requests a second', () => {
    const { admit, clock } = makeGate(keyOf('shop', { requestsPerSecond: 2 }));
    expect([1, 2].map(() => admit('key-of-shop').status)).toEqual(['ok', 'ok']);
    expect(admit('key-of-shop')).toMatchObject({ reason: 'rate_limited', key: 'shop', retryAfterMs: 1 });
    clock.nowMs += 500;
    expect(admit('key-of-shop').status).toBe('ok');
    expect(admit('key-of-shop').status).toBe('refused');
  });

  test('holds a key to its bytes a second: a large request is paid for by waiting after it', () => {
    const { admit, clock } = makeGate(keyOf('shop', { bytesPerSecond: 1_000 }));
    const admission = admit('key-of-shop');
    if (admission.status === 'ok') admission.client?.charge(5_000, clock.nowMs);
    expect(admit('key-of-shop')).toMatchObject({ reason: 'rate_limited', retryAfterMs: 4_001 });
    clock.nowMs += 4_001;
    expect(admit('key-of-shop').status).toBe('ok');
  });

  test('holds a key to its volume of the day, which is another at midnight UTC, and through a reload', () => {
    const { gate, admit, clock } = makeGate(keyOf('shop', { dailyBytes: 100 }));
    const admission = admit('key-of-shop');
    if (admission.status === 'ok') admission.client?.charge(100, clock.nowMs);
    const refused = { reason: 'volume_exceeded', retryAfterMs: 12 * HOUR_MS };
    expect(admit('key-of-shop')).toMatchObject(refused);
    gate.setKeys([keyOf('shop', { dailyBytes: 90 })]);
    expect(admit('key-of-shop')).toMatchObject(refused);
    clock.nowMs += 12 * HOUR_MS;
    expect(admit('key-of-shop').status).toBe('ok');
  });

  test('forgets keys that the configuration has no more', () => {
    const { gate, admit } = makeGate(keyOf('shop'));
    gate.setKeys([keyOf('other')]);
    expect(admit('key-of-shop').status).toBe('refused');
    expect(admit('key-of-other').status).toBe('ok');
  });
});

test('a token bucket neither fills beyond a second nor by a clock that goes back', () => {
  const bucket = new TokenBucket(10, 0);
  bucket.take(10, 0);
  expect(bucket.waitMs(0)).toBe(1);
  bucket.take(10, 3_600_000);
  expect(bucket.waitMs(3_600_000)).toBe(1);
  expect(bucket.waitMs(0)).toBe(1);
  expect(new TokenBucket(0, 0).waitMs(1e9)).toBe(Infinity);
});

describe('whether a listener wants a key', () => {
  const decide = (auth: 'required' | 'off' | undefined, host: string, keys: KeyConfig[] = [keyOf('a')]) => {
    const warnings: string[] = [];
    const log = { warn: (_facts: object, text: string) => warnings.push(text) };
    return { required: decideAuth({ auth, keys }, 'collector.http', { host, port: 4318 }, log), warnings };
  };

  test('on loopback it does not, unless told to; elsewhere it does, unless switched off, which is said aloud', () => {
    expect(decide(undefined, '127.0.0.1')).toEqual({ required: false, warnings: [] });
    expect(decide('required', '127.0.0.1')).toEqual({ required: true, warnings: [] });
    expect(decide(undefined, '0.0.0.0')).toEqual({ required: true, warnings: [] });
    expect(decide('off', '0.0.0.0').required).toBe(false);
    expect(decide('off', '0.0.0.0').warnings).toEqual([expect.stringContaining('whoever reaches this address')]);
    expect(decide(undefined, '0.0.0.0', []).warnings).toEqual([expect.stringContaining('npx tocsin key')]);
  });
});
