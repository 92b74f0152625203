import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runProbeCommand } from '../src/probe-command/command.ts';
import { findClosedPort, serveHttp, serveTcp } from './servers.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-probe-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function run(args: readonly string[], isColored = false) {
  let [out, complaint] = ['', ''];
  const code = await runProbeCommand({
    args,
    env: {},
    workingDir: folder,
    isColored,
    signal: new AbortController().signal,
    out: (text) => (out += text),
    complain: (text) => (complaint += text),
  });
  return { code, out, complaint };
}

test('a target that is up is drawn with its phases, and the exit code is 0', async () => {
  await using server = await serveHttp((_request, response) => response.end('{"status":"ok"}'));
  const { code, out } = await run([`${server.url}/a`, '--expect', '{ json: { path: $.status, equals: ok } }']);
  expect(code).toBe(0);
  expect(out).toMatch(/^✓ up {2}http:\/\/127\.0\.0\.1:\d+\/a\n {2}status 200 in \d+ms\n\n/);
  for (const phase of ['connect', 'request', 'transfer', 'total'])
    expect(out).toMatch(new RegExp(`^  ${phase} .*ms`, 'm'));
  expect(out).not.toContain('\u001b[');
  expect((await run([server.url], true)).out).toContain('\u001b[32m✓ up\u001b[0m');
});

test('degraded is said and exits 0, down exits 1, unknown exits 3', async () => {
  await using server = await serveHttp((_request, response) => response.end('no'));
  const slow = await run([server.url, '--expect', 'header: { name: x-a }, severity: degraded']);
  expect([slow.code, slow.out.slice(0, 10)]).toEqual([0, '! degraded']);
  const down = await run([server.url, '--expect', 'body_contains=ok']);
  expect([down.code, down.out]).toEqual([
    1,
    expect.stringContaining('body_mismatch: expected the body to contain "ok", found "no"'),
  ]);
  expect(down.out).toContain('\n  body: no\n');
  const file = await run([server.url, '--set', 'body_file=gone']);
  expect([file.code, file.complaint]).toEqual([2, expect.stringContaining('expected a file that exists')]);
  const closed = `http://127.0.0.1:${await findClosedPort()}`;
  expect((await run([server.url, '--set', `proxy=${closed}`])).code).toBe(3);
});

test('redirects are drawn stop by stop, with where each leads and without credentials', async () => {
  await using server = await serveHttp((request, response) => {
    if (request.url === '/') response.writeHead(302, { location: '/b?token=s3cret' }).end();
    else response.end();
  });
  const { out } = await run([server.url]);
  expect(out).toContain(`  1. GET 302  ${server.url}/ → ${server.url}/b?token=REDACTED\n`);
  expect(out).toContain(`  2. GET 200  ${server.url}/b?token=REDACTED\n`);
});

test('method, headers and body go out, and a $ in them is a $', async () => {
  let seen: unknown;
  await using server = await serveHttp(async (request, response) => {
    seen = [request.method, request.headers['x-a'], Buffer.concat(await request.toArray()).toString()];
    response.end();
  });
  await run([server.url, '--method', 'PUT', '--header', 'X-A: b: ${HOME}', '--body', '$x']);
  expect(seen).toEqual(['PUT', 'b: ${HOME}', '$x']);
});

test('JSON has the whole run', async () => {
  await using server = await serveHttp((_request, response) => response.end());
  const { out } = await run([server.url, '--json']);
  expect(JSON.parse(out)).toMatchObject({ target: `${server.url}/`, kind: 'http', verdict: { outcome: 'up' } });
});

test('a monitor of a configuration is probed as it is configured', async () => {
  await using server = await serveHttp((_request, response) => response.writeHead(404).end());
  await writeFile(join(folder, 't.yaml'), `monitors: [{ name: shop, http: "${server.url}", expect: { status: 404 } }]`);
  expect((await run(['--config', 't.yaml', '--monitor', 'shop'])).code).toBe(0);
  const { code, complaint } = await run(['--config', 't.yaml', '--monitor', 'shpo']);
  expect([code, complaint]).toEqual([2, expect.stringContaining('(there are shop), found "shpo"')]);
});

test('another kind is looked at by its scheme, with settings after the question mark', async () => {
  const port = await findClosedPort();
  const { code, out } = await run([`tcp://127.0.0.1:${port}?timeout=2s`]);
  expect([code, out]).toEqual([1, expect.stringContaining('connect_refused')]);
});

test('dollar signs are what they are, as the shell has handed them over', async () => {
  await using server = await serveHttp((_request, response) => response.end('{"cost":"$$ ${HOME}"}'));
  const expect1 = ['--expect', 'body_matches=[$][$] [$][{]HOME[}]"}$'];
  const expect2 = ['--expect', "json: { path: $.cost, equals: '$$ ${HOME}' }"];
  const { code, out } = await run([server.url, ...expect1, ...expect2]);
  expect([code, out]).toEqual([0, expect.stringContaining('up')]);
});

test('a setting that is a list is given as one', async () => {
  await using server = await serveTcp((socket) => socket.resume().write('220 mail.test\r\n'));
  const target = `tcp://127.0.0.1:${server.port}`;
  const { code, out } = await run([target, '--set', 'dialogue=[{ expect: "^220 " }, { send: "QUIT\\r\\n" }]']);
  expect([code, out]).toEqual([0, expect.stringContaining('all 2 turns went as expected')]);
  const wrong = await run([target, '--set', 'dialogue=[{ expcet: a }]']);
  expect([wrong.code, wrong.complaint]).toEqual([2, expect.stringContaining('unknown key "expcet"')]);
});

test.each([
  ['ws', 'connect_refused'],
  ['wss', 'connect_refused'],
])('%s URLs are WebSockets', async (scheme, reason) => {
  const { code, out } = await run([`${scheme}://127.0.0.1:${await findClosedPort()}/a`, '--set', 'subprotocols=x']);
  expect([code, out]).toEqual([1, expect.stringContaining(reason)]);
  expect(out).toContain(`${scheme}://127.0.0.1`);
});

test('ping: and icmp: are pings, domain: is a registration', async () => {
  for (const scheme of ['ping', 'icmp']) {
    const { complaint } = await run([`${scheme}:-f`]);
    expect(complaint).toContain('expected a host name or address, without a port, found "-f"');
  }
  await using server = await serveHttp((_request, response) => response.writeHead(404).end());
  const { code, out } = await run(['domain:example.com', '--set', `rdap_server=${server.url}`]);
  expect([code, out]).toEqual([1, expect.stringContaining('domain_not_found')]);
});

test.each([
  [[], 'expected a target, found none'],
  [['a', 'b'], 'expected one target, found 2'],
  [['localhost:80'], 'expected a URL such as https://localhost:80'],
  [['http://x/', '--monitor', 'a'], 'expected a target or --monitor, found both'],
  [['--monitor', 'a'], 'expected --config FILE beside --monitor'],
  [['http://x/', '--nope'], "Unknown option '--nope'"],
  [['http://x/', '--header', 'a'], 'expected --header NAME:VALUE, found "a"'],
  [['http://x/', '--expect', 'latncy=1s'], 'found unknown key "latncy"'],
  [['gopher://x/'], 'expected a target: one of the keys http, flow'],
])('%j is a mistake that is named, and exits 2', async (args, words) => {
  const { code, complaint } = await run(args);
  expect(code).toBe(2);
  expect(complaint).toContain(words);
});
