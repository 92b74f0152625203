import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type MadeCertificate, makeCertificate } from './certificates.ts';
import { makeMonitor, type MonitorParts, makeNetwork, phaseNames, probe } from './monitors.ts';
import { findClosedPort, serveDeaf, serveHttp, serveHttp2, serveHttps, serveTcp, type TestServer } from './servers.ts';

let authority: MadeCertificate;
let leaf: MadeCertificate;
let folder: string;

beforeAll(async () => {
  authority = makeCertificate({ name: 'Test CA', authority: true });
  leaf = makeCertificate({ name: 'leaf', hosts: ['shop.test'], issuer: authority });
  folder = await mkdtemp(join(tmpdir(), 'tocsin-http-'));
});
afterAll(() => rm(folder, { recursive: true }));

function probeShop(port: number, parts: MonitorParts = {}) {
  return probe(makeMonitor(`https://shop.test:${port}/x?y=1`, parts), makeNetwork({ ca: authority.cert }));
}

describe('HTTP/2', () => {
  test('is spoken where the server chooses it, with every phase, and the body is read', async () => {
    await using server = await serveHttp2(leaf, async (request, response) => {
      const body = Buffer.concat(await request.toArray()).toString();
      response.end(`${request.method} ${request.url} ${request.authority} ${request.headers['x-a']} ${body}`);
    });
    const parts = { method: 'POST', body: 'sent', headers: { 'X-A': 'b' } };
    const run = await probeShop(server.port, {
      ...parts,
      bodyContains: [`POST /x?y=1 shop.test:${server.port} b sent`],
    });
    expect(run.verdict).toMatchObject({ outcome: 'up' });
    expect(run.attributes).toMatchObject({ 'network.protocol.version': '2', 'http.response.status_code': 200 });
    expect(phaseNames(run)).toBe('resolve connect tls request transfer');
  });

  test('is not spoken where 1.1 is wanted, and its absence is told where 2 is', async () => {
    await using both = await serveHttp2(leaf, (_request, response) => response.end('ok'), true);
    const old = await probeShop(both.port, { connection: { version: '1.1' } });
    expect([old.verdict.outcome, old.attributes['network.protocol.version']]).toEqual(['up', '1.1']);
    await using only = await serveHttps(leaf, (_request, response) => response.end('ok'), { ALPNProtocols: [] });
    const { verdict } = await probeShop(only.port, { connection: { version: '2' } });
    expect(verdict.outcome).toBe('down');
    expect(['protocol_error', 'tls_handshake_failed']).toContain(verdict.reason);
  });

  test('without TLS is spoken by prior knowledge, and what answers otherwise is no HTTP/2', async () => {
    await using server = await serveHttp2(undefined, (_request, response) => response.end('ok'));
    expect((await probe(makeMonitor(server.url, { connection: { version: '2' } }))).verdict.outcome).toBe('up');
    await using old = await serveHttp((_request, response) => response.end('ok'));
    const { verdict } = await probe(makeMonitor(old.url, { connection: { version: '2' } }));
    expect(verdict).toMatchObject({ outcome: 'down', reason: 'protocol_error' });
  });

  test('a stream that is reset, a session that ends and an answer that never comes are told apart', async () => {
    await using resetting = await serveHttp2(leaf, (_request, response) => response.stream.close(2));
    await using ending = await serveHttp2(leaf, (request) => request.stream.session?.destroy());
    await using silent = await serveHttp2(leaf, () => {});
    const reasons = [
      (await probeShop(resetting.port)).verdict.reason,
      (await probeShop(ending.port)).verdict.reason,
      (await probeShop(silent.port, { timeoutMs: 200 })).verdict.reason,
    ];
    expect(['protocol_error', 'reset']).toContain(reasons[0]);
    expect(['connection_closed', 'reset', 'protocol_error']).toContain(reasons[1]);
    expect(reasons[2]).toBe('timeout');
  });

  test('an endless body is cut at its limit', async () => {
    await using server = await serveHttp2(leaf, (_request, response) => {
      const chunk = Buffer.alloc(16_384, 'x');
      const pump = (): void => {
        while (!response.stream.destroyed && response.write(chunk));
      };
      response.on('drain', pump);
      pump();
    });
    expect((await probeShop(server.port, { bodyContains: ['xxx'], maxBodyBytes: 65_536 })).verdict.outcome).toBe('up');
  });
});

describe('TLS', () => {
  test('our own certificate is shown to a server that wants one, and a file that changes is read again', async () => {
    const client = makeCertificate({ name: 'client', issuer: authority });
    const files = { certFile: join(folder, 'c.pem'), keyFile: join(folder, 'k.pem') };
    const caFile = join(folder, 'ca.pem');
    await Promise.all([
      writeFile(files.certFile, client.cert),
      writeFile(files.keyFile, client.key),
      writeFile(caFile, authority.cert),
    ]);
    const options = { ca: authority.cert, requestCert: true, rejectUnauthorized: true };
    await using server = await serveHttps(
      leaf,
      (request, response) => response.end((request.socket as TLSSocket).getPeerCertificate().subject.CN),
      options,
    );
    const network = makeNetwork();
    const look = (tls: MonitorParts['tls']) =>
      probe(
        makeMonitor(`https://shop.test:${server.port}/`, { tls: { caFile, ...tls }, bodyContains: ['client'] }),
        network,
      );
    expect((await look(files)).verdict).toMatchObject({ outcome: 'up' });
    expect((await look({})).verdict.outcome).toBe('down');
    await writeFile(files.certFile, 'nonsense');
    expect((await look(files)).verdict).toMatchObject({ outcome: 'unknown', reason: 'invalid_request' });
    expect((await look({ caFile: join(folder, 'gone.pem') })).verdict.message).toContain('ENOENT');
  });

  test('another server name is asked for and wanted of the certificate', async () => {
    let asked: unknown;
    await using server = await serveHttps(leaf, (request, response) => {
      asked = (request.socket as TLSSocket).servername;
      response.end();
    });
    const network = makeNetwork({ ca: authority.cert });
    const url = `https://127.0.0.1:${server.port}/`;
    expect((await probe(makeMonitor(url), network)).verdict.reason).toBe('tls_hostname_mismatch');
    expect((await probe(makeMonitor(url, { tls: { serverName: 'shop.test' } }), network)).verdict.outcome).toBe('up');
    expect(asked).toBe('shop.test');
  });

  test('what is insecure is said aloud in the result', async () => {
    await using server = await serveHttps(leaf, (_request, response) => response.end());
    const run = await probe(makeMonitor(`https://shop.test:${server.port}/`, { tls: { insecure: true } }));
    expect(run.verdict.outcome).toBe('up');
    expect(run.verdict.message).toMatch(/\(insecure: the certificate is not acceptable, [A-Z_]+\)$/);
    expect(run.attributes['tocsin.probe.tls.distrust']).toMatch(/^[A-Z_]+$/);
  });
});

describe('a proxy', () => {
  /** Opens tunnels and forwards single requests; tells what it was asked. */
  function serveProxy(asked: string[]): Promise<TestServer> {
    return serveTcp((client) => {
      client.once('data', (head: Buffer) => {
        const lines = head.toString('latin1').split('\r\n');
        const credentials = lines.find((line) => /^proxy-authorization/i.test(line)) ?? '';
        asked.push(`${lines[0]} ${credentials}`.trim());
        const tunnel = /^CONNECT (\S+):(\d+) /.exec(lines[0] ?? '');
        const port = Number(tunnel?.[2] ?? /^GET http:\/\/[^/]*?:(\d+)\//.exec(lines[0] ?? '')?.[1]);
        const upstream: Socket = connect(port, '127.0.0.1', () => {
          if (tunnel) client.write('HTTP/1.1 200 Connection established\r\n\r\n');
          else upstream.write(head);
          client.pipe(upstream).pipe(client);
        }).on('error', () => client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
        client.on('close', () => upstream.destroy());
      });
    });
  }

  test('opens a tunnel for https and forwards http, with credentials, and the name is looked up there', async () => {
    const asked: string[] = [];
    await using proxy = await serveProxy(asked);
    await using server = await serveHttps(leaf, (_request, response) => response.end('ok'));
    await using plain = await serveHttp((request, response) => response.end(request.url));
    const connection = { proxy: `http://ann:s3cret-p@127.0.0.1:${proxy.port}` };
    const names = { 'shop.test': 'ENOTFOUND' };
    const network = makeNetwork({ ca: authority.cert, names });
    const secure = await probe(makeMonitor(`https://shop.test:${server.port}/`, { connection }), network);
    const forwarded = await probe(makeMonitor(`http://shop.test:${plain.port}/a`, { connection }), network);
    expect([secure.verdict.outcome, forwarded.verdict.outcome]).toEqual(['up', 'up']);
    expect(phaseNames(secure)).toBe('connect connect tls request transfer');
    const basic = Buffer.from('ann:s3cret-p').toString('base64');
    expect(asked.map((line) => line.toLowerCase())).toEqual([
      `connect shop.test:${server.port} http/1.1 proxy-authorization: basic ${basic.toLowerCase()}`,
      `get http://shop.test:${plain.port}/a http/1.1 proxy-authorization: basic ${basic.toLowerCase()}`,
    ]);
    expect(JSON.stringify([secure, forwarded])).not.toContain('s3cret-p');
  });

  test('that is away, refuses us, hangs or is none is our own trouble', async () => {
    await using denying = await serveTcp((socket) => socket.end('HTTP/1.1 407 Auth\r\n\r\n'));
    await using noise = await serveTcp((socket) => socket.end('SSH-2.0-x\r\n\r\n'));
    await using deaf = await serveDeaf();
    const away = await findClosedPort();
    for (const port of [denying.port, noise.port, away, deaf.port]) {
      const connection = { proxy: `http://127.0.0.1:${port}` };
      const { verdict } = await probe(makeMonitor('https://shop.test/', { connection, timeoutMs: 400 }));
      expect(verdict).toMatchObject({ outcome: 'unknown', reason: 'proxy_failed' });
    }
  });

  test('that is still trying to reach the target when the time is up tells of the target', async () => {
    await using proxy = await serveTcp((socket) => socket.resume());
    const parts = { connection: { proxy: proxy.url }, timeoutMs: 200 };
    const { verdict } = await probe(makeMonitor('https://shop.test/', parts));
    expect(verdict).toMatchObject({ outcome: 'down', reason: 'connect_timeout' });
  });

  test('that says it does not reach the target tells of the target', async () => {
    await using proxy = await serveProxy([]);
    const url = `https://shop.test:${await findClosedPort()}/`;
    const { verdict } = await probe(makeMonitor(url, { connection: { proxy: proxy.url } }));
    expect(verdict).toMatchObject({ outcome: 'down', reason: 'proxy_no_tunnel' });
    expect(verdict.message).toMatch(/^expected a tunnel to shop\.test:\d+ through the proxy 127.*found status 502$/);
  });

  test('is told an address that was judged where private ones are denied', async () => {
    const asked: string[] = [];
    await using proxy = await serveProxy(asked);
    await using plain = await serveHttp((_request, response) => response.end('ok'));
    const names = {
      'in.test': [{ address: '127.0.0.9', family: 4 }],
      'out.test': [{ address: '127.0.0.3', family: 4 }],
    };
    const network = makeNetwork({ names, isDenied: (address) => address === '127.0.0.9' });
    const connection = { proxy: proxy.url };
    const denied = await probe(makeMonitor(`http://in.test:${plain.port}/`, { connection }), network);
    const allowed = await probe(makeMonitor(`http://out.test:${plain.port}/`, { connection }), network);
    expect([denied.verdict.reason, allowed.verdict.reason]).toEqual(['address_denied', 'ok']);
    expect(asked).toEqual([`CONNECT 127.0.0.3:${plain.port} HTTP/1.1`]);
  });
});

describe('the version of IP', () => {
  const names = {
    'both.test': [
      { address: '::1', family: 6 },
      { address: '127.0.0.1', family: 4 },
    ],
  };

  test('is the wanted one, and a name that lacks it says so', async () => {
    await using server = await serveHttp((_request, response) => response.end());
    const network = makeNetwork({ names });
    const url = `http://both.test:${server.port}/`;
    const four = await probe(makeMonitor(url, { connection: { ip: '4' } }), network);
    expect([four.verdict.outcome, four.attributes['network.peer.address']]).toEqual(['up', '127.0.0.1']);
    const six = await probe(makeMonitor(`http://shop.test:${server.port}/`, { connection: { ip: '6' } }), network);
    expect(six.verdict.message).toBe('expected shop.test to have an IPv6 address, found only IPv4 addresses');
  });

  test('falls back to the other, and the attempt that failed is told', async () => {
    await using server = await serveHttp((_request, response) => response.end());
    const run = await probe(makeMonitor(`http://both.test:${server.port}/`), makeNetwork({ names }));
    expect([run.verdict.outcome, run.attributes['network.peer.address']]).toEqual(['up', '127.0.0.1']);
    const connected = run.phases.find(({ name }) => name === 'connect');
    expect(connected?.attributes['tocsin.probe.attempts']).toMatch(/^::1 E[A-Z]+ after \d+ms$/);
  });
});
