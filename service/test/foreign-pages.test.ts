import { describe, expect, it } from 'vitest';
import { foreignPageReason } from '../src/http/foreign-pages.ts';

const OWN = { host: '127.0.0.1:7600' };
const LINK = { ...OWN, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

describe('foreignPageReason', () => {
  it.each([
    [{ host: 'localhost:7600' }, '127.0.0.1'],
    [{ host: '127.0.0.1:7600', origin: 'http://127.0.0.1:7600' }, '127.0.0.1'],
    [{ host: '[::1]:7600' }, '::1'],
    [{}, '127.0.0.1'],
    [{ host: 'tocsin.example.com', origin: 'https://tocsin.example.com' }, '0.0.0.0'],
    [{ ...OWN, 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }, '127.0.0.1'],
    [{ ...OWN, 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'no-cors' }, '127.0.0.1'],
    [{ ...OWN, 'sec-fetch-site': 'same-origin', origin: 'null' }, '127.0.0.1'],
  ])('lets %o pass on %s', (headers, listenHost) => {
    expect(foreignPageReason({ method: 'GET', headers }, { listenHost })).toBeUndefined();
  });

  it.each([
    [{ host: 'rebound.example.com:7600' }, '127.0.0.1', 'the host "rebound.example.com" is not one of this machine'],
    [{ ...OWN, origin: 'https://evil.example' }, '127.0.0.1', 'the origin "https://evil.example"'],
    [{ ...OWN, origin: 'http://127.0.0.1:3000' }, '127.0.0.1', 'the origin'],
    [{ ...OWN, origin: 'null' }, '127.0.0.1', 'the origin "null"'],
    [{ ...OWN, origin: 'null', 'sec-fetch-site': 'cross-site' }, '127.0.0.1', 'the origin "null"'],
    [{ host: 'tocsin.example.com', origin: 'https://evil.example' }, '0.0.0.0', 'the origin'],
    [{ ...OWN, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, '127.0.0.1', 'another site'],
    [{ ...OWN, 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' }, '127.0.0.1', '(same-site)'],
    [{ ...OWN, 'sec-fetch-site': ['none', 'cross-site'] }, '127.0.0.1', '(none, cross-site)'],
    [LINK, '127.0.0.1', 'another site'],
    [LINK, '0.0.0.0', 'another site'],
  ])('refuses %o on %s', (headers, listenHost, reason) => {
    expect(foreignPageReason({ method: 'GET', headers }, { listenHost })).toContain(reason);
  });

  it('lets a link be followed to a server that has pages, and nothing else of another site', () => {
    const rules = { listenHost: '127.0.0.1', takesVisitors: true };
    expect(foreignPageReason({ method: 'GET', headers: LINK }, rules)).toBeUndefined();
    expect(foreignPageReason({ method: 'POST', headers: LINK }, rules)).toContain('another site');
    for (const dest of ['iframe', 'object', 'embed', 'image'])
      expect(foreignPageReason({ method: 'GET', headers: { ...LINK, 'sec-fetch-dest': dest } }, rules)).toContain(
        'site',
      );
    const rebound = { ...LINK, host: 'rebound.example.com' };
    expect(foreignPageReason({ method: 'GET', headers: rebound }, rules)).toContain('the host');
  });

  it('believes an allowed origin, and no request that hides its own', () => {
    const rules = { listenHost: '127.0.0.1', allowedOrigins: ['https://shop.example.com'] };
    const cross = { ...OWN, 'sec-fetch-site': 'cross-site' };
    const ask = (headers: Record<string, string>) => foreignPageReason({ method: 'POST', headers }, rules);
    expect(ask({ ...cross, origin: 'https://shop.example.com' })).toBeUndefined();
    expect(ask({ ...cross, origin: 'https://shop.example.com.evil.example' })).toContain('the origin');
    expect(ask(cross)).toContain('another site');
  });

  it.each(['127.0.0.1', '0.0.0.0'])('takes the name of a proxy for its own, and then no other, on %s', (listenHost) => {
    const rules = { listenHost, publicUrl: 'https://tocsin.example.com/', takesVisitors: true };
    const ask = (headers: Record<string, string>) => foreignPageReason({ method: 'POST', headers }, rules);
    const origin = 'https://tocsin.example.com';
    expect(ask({ host: 'tocsin.example.com' })).toBeUndefined();
    expect(ask({ host: 'tocsin.example.com', origin, 'sec-fetch-site': 'same-origin' })).toBeUndefined();
    // A proxy that puts its own name for ours.
    expect(ask({ host: '10.0.0.5:7600', origin, 'sec-fetch-site': 'same-origin' })).toBeUndefined();
    expect(ask({ host: '10.0.0.5:7600' })).toBeUndefined();
    expect(ask({ host: 'rebound.example.com:7600' })).toContain('rebound.example.com" is not this server');
    expect(
      foreignPageReason({ headers: { host: 'alerting:9093' } }, { ...rules, hosts: ['Alerting'] }),
    ).toBeUndefined();
    expect(ask({ host: 'alerting:9093' })).toContain('alerting" is not this server');
    expect(ask({ host: 'tocsin.example.com', origin: 'https://evil.example' })).toContain('the origin');
    expect(ask({ host: 'tocsin.example.com', origin, 'sec-fetch-site': 'cross-site' })).toContain('another site');
  });
});
