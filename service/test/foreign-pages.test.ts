import { describe, expect, it } from 'vitest';
import { foreignPageReason } from '../src/http/foreign-pages.ts';

describe('foreignPageReason', () => {
  it.each([
    [{ host: 'localhost:7600' }, '127.0.0.1'],
    [{ host: '127.0.0.1:7600', origin: 'http://127.0.0.1:7600' }, '127.0.0.1'],
    [{ host: '[::1]:7600' }, '::1'],
    [{}, '127.0.0.1'],
    [{ host: 'tocsin.example.com', origin: 'https://tocsin.example.com' }, '0.0.0.0'],
  ])('lets %o pass on %s', (headers, listenHost) => {
    expect(foreignPageReason(headers, listenHost)).toBeUndefined();
  });

  it.each([
    [{ host: 'rebound.example.com:7600' }, '127.0.0.1', 'the host "rebound.example.com" is not one of this machine'],
    [{ host: '127.0.0.1:7600', origin: 'https://evil.example' }, '127.0.0.1', 'the origin "https://evil.example"'],
    [{ host: '127.0.0.1:7600', origin: 'http://127.0.0.1:3000' }, '127.0.0.1', 'the origin'],
    [{ host: '127.0.0.1:7600', origin: 'null' }, '127.0.0.1', 'the origin "null"'],
    [{ host: 'tocsin.example.com', origin: 'https://evil.example' }, '0.0.0.0', 'the origin'],
  ])('refuses %o on %s', (headers, listenHost, reason) => {
    expect(foreignPageReason(headers, listenHost)).toContain(reason);
  });
});
