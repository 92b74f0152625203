import { Metadata, Server, ServerCredentials } from '@grpc/grpc-js';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MonitorKind } from '@tocsin/service/config';
import { afterAll, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import type { Network } from '../../src/kinds/kind.ts';
import { encodeSpans } from '../../src/results/encode-spans.ts';
import { ProtoWriter } from '../../src/results/proto-writer.ts';
import { drawRun } from '../../src/probe-command/draw.ts';
import { makeNetwork, probe } from '../monitors.ts';
import { listenWith, serveHttp, serveTcp } from '../servers.ts';
import { configure } from './configured.ts';
import type { ContractTarget } from './contract.ts';
import { serveDns } from './dns-server.ts';
import { targetAt } from './targets.ts';

/** With what every encoding has to change, and a blank. */
const SECRET = `s3cr/et+&<"12' \\45zz`;
/** Without a blank, for where that would end it. */
const WORD = `s3cr/et+&<12'-45zz`;
/** As far as a name in a URL or a header of HTTP/2 allows. */
const PLAIN = 's3cret-1245zz_tok';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** How a target repeats what it was sent. */
const ECHOES: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (text) => text,
  'percent-encoded': encodeURIComponent,
  'percent-encoded in lower case, and twice': (text) =>
    encodeURIComponent(encodeURIComponent(text).replace(/%../g, (escape) => escape.toLowerCase())),
  'as a form': (text) => new URLSearchParams({ text }).toString(),
  'in base64': base64,
  'in base64 behind one byte': (text) => base64(`x${text}`),
  'in base64 behind two bytes': (text) => base64(`xy${text}`),
  'in base64 for URLs': (text) => Buffer.from(`x${text}`).toString('base64url'),
  'in hexadecimal': (text) => Buffer.from(text).toString('hex'),
  'in JSON': (text) => JSON.stringify({ text }),
  'in JSON as PHP and Go write it': (text) =>
    JSON.stringify({ text })
      .replaceAll('/', '\\/')
      .replace(/[<>&']/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`),
  'in JSON in JSON': (text) => JSON.stringify({ text: JSON.stringify({ text }) }),
  'in HTML': (text) => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`).replaceAll('&#60;', '&lt;'),
  'in base64 in JSON in a query': (text) => encodeURIComponent(JSON.stringify({ text: base64(text) })),
};

/** Every place at which something is cut, in characters. */
const CUTS = [24, 80, 120, 200, 512, 960, 1_024, 4_096];

type Echo = (text: string) => string;

/** A kind's target that repeats what it is sent and is not as expected, and the secret it is sent. */
interface Echoing {
  readonly secret: string;
  readonly make: (echo: Echo) => Promise<ContractTarget>;
  /** What the target says is short: the protocol has no room for more. */
  readonly isShort?: boolean;
}

const folder = await mkdtemp(join(tmpdir(), 'tocsin-echo-'));
afterAll(() => rm(folder, { recursive: true }));

/** A server that answers a request with all of it. */
const echoHttp = (echo: Echo) =>
  serveHttp(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const { rawHeaders } = request;
    const said = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${rawHeaders[at + 1] ?? ''}`] : []));
    response.writeHead(500, { 'x-request-id': encodeURIComponent(echo(`${request.url}`)) });
    response.end(echo(`${request.url} ${said.join(' ')} ${body}`));
  });

const http =
  (secret: string, settings: (secret: string, url: string) => object): (() => Echoing) =>
  () => ({
    secret,
    async make(echo) {
      const server = await echoHttp(echo);
      return targetAt(server, await configure({ http: server.url, ...settings(secret, server.url) }));
    },
  });
const HTTP: Readonly<Record<string, () => Echoing>> = {
  header: http(WORD, (secret) => ({ headers: { 'X-Api-Key': secret } })),
  cookie: http(PLAIN, (secret) => ({ headers: { Cookie: `theme=dark; sid=${secret}` } })),
  bearer: http(WORD, (secret) => ({ bearer: secret })),
  basic: http(SECRET, (secret) => ({ basic: { username: 'ann', password: secret } })),
  userinfo: http(WORD, (secret, url) => ({
    http: url.replace('//', `//ann:${encodeURIComponent(secret)}@`),
  })),
  query: http(SECRET, (secret, url) => ({ http: `${url}/?api_key=${encodeURIComponent(secret)}` })),
  form: http(SECRET, (secret) => ({ method: 'POST', form: { password: secret } })),
  'JSON body': http(SECRET, (secret) => ({ method: 'POST', body: JSON.stringify({ user: { password: secret } }) })),
  'XML body': http('s3cret of ours', (secret) => ({ method: 'POST', body: `<a><Password>${secret}</Password></a>` })),
  GraphQL: http(SECRET, (secret) => ({
    method: 'POST',
    graphql: { query: '{a}', variables: JSON.stringify({ token: secret }) },
  })),
  'variable of the environment': () => ({
    secret: SECRET,
    async make(echo) {
      const server = await echoHttp(echo);
      const settings = { http: server.url, method: 'POST', body: 'code %{SHOP_SECRET}' };
      return targetAt(server, await configure(settings, { SHOP_SECRET: SECRET }));
    },
  }),
  'Location of a redirect': () => ({
    secret: WORD,
    async make(echo) {
      const server = await serveHttp(({ headers }, response) => {
        const said = encodeURIComponent(echo(String(headers['x-api-key'])));
        response.writeHead(302, { location: `/next/${said}?at=${said}#${said}` }).end();
      });
      return targetAt(
        server,
        await configure({ http: server.url, headers: { 'X-Api-Key': WORD }, redirects: 'forbid' }),
      );
    },
  }),
};

async function echoGrpc(echo: Echo): Promise<ContractTarget> {
  const server = new Server();
  const keep = (bytes: Buffer): Buffer => bytes;
  const methods = {
    requestStream: false,
    responseStream: false,
    requestSerialize: keep,
    requestDeserialize: keep,
    responseSerialize: keep,
    responseDeserialize: keep,
  };
  server.addService({ Check: { path: '/grpc.health.v1.Health/Check', ...methods } }, {
    Check: (call: { metadata: Metadata }, callback: (error: object) => void) =>
      callback({ code: 7, details: echo(JSON.stringify(call.metadata.toHttp2Headers())), metadata: new Metadata() }),
  } as never);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  const settings = { grpc: `127.0.0.1:${port}`, metadata: { authorization: `Bearer ${WORD}` } };
  return targetAt({ [Symbol.asyncDispose]: async () => server.forceShutdown() }, await configure(settings));
}

const withNetwork = (parts: Partial<Network>): Network => ({ ...makeNetwork(), ...parts });

/** Every kind: one that is forgotten does not compile. */
const KINDS = {
  http: HTTP,
  flow: {
    'extracted value': () => ({
      secret: SECRET,
      async make(echo) {
        const server = await serveHttp(async (request, response) => {
          if (request.url === '/login') return response.end(JSON.stringify({ token: SECRET }));
          const body = Buffer.concat(await request.toArray()).toString();
          return response.writeHead(403).end(echo(body));
        });
        const order = { step: 'order', http: `${server.url}/`, method: 'POST', body: 'I am {{ token }}' };
        const login = { step: 'login', http: `${server.url}/login`, extract: { token: { json: '$.token' } } };
        return targetAt(server, await configure({ flow: [login, order] }));
      },
    }),
  },
  tcp: {
    'FTP password': () => ({
      secret: WORD,
      async make(echo) {
        const server = await serveTcp((socket) => socket.on('data', (bytes) => socket.end(echo(bytes.toString()))));
        const dialogue = [{ send: `PASS ${WORD}\r\n`, expect: '^230' }];
        return targetAt(server, await configure({ tcp: `127.0.0.1:${server.port}`, dialogue }));
      },
    }),
    'bytes that are no text': () => ({
      secret: WORD,
      async make(echo) {
        const server = await serveTcp((socket) =>
          socket.on('data', (bytes) => socket.end(`${echo(bytes.toString())}\0`)),
        );
        const dialogue = [{ send: `%{REDIS_PASSWORD}\r\n`, expect: '^230' }];
        const settings = { tcp: `127.0.0.1:${server.port}`, dialogue };
        return targetAt(server, await configure(settings, { REDIS_PASSWORD: WORD }));
      },
    }),
  },
  tls: {
    'variable of the environment': () => ({
      secret: PLAIN,
      async make(echo) {
        const server = await serveTcp((socket) => socket.end(`554 ${echo(PLAIN)}\r\n`));
        const settings = { tls: `127.0.0.1:${server.port}`, starttls: 'smtp', expect: { issuer: '%{CA_TOKEN}' } };
        return targetAt(server, await configure(settings, { CA_TOKEN: PLAIN }));
      },
    }),
  },
  dns: {
    'text of a record': () => ({
      secret: SECRET,
      async make(echo) {
        const pieces = (text: string): string[] => text.match(/.{1,200}/gs) ?? [];
        const server = await serveDns((_query, over) => {
          const data = pieces(echo(SECRET));
          if (over === 'udp') return { flags: 0x280, answers: [] };
          return [{ type: 'TXT', name: 'shop.test', ttl: 60, data }];
        });
        const settings = { dns: 'shop.test', type: 'TXT', server: `127.0.0.1:${server.port}` };
        const expected = { records: 'site=%{SITE_TOKEN}' };
        return targetAt(server, await configure({ ...settings, expect: expected }, { SITE_TOKEN: SECRET }));
      },
    }),
  },
  heartbeat: {
    'output of a job': () => ({
      secret: PLAIN,
      async make(echo) {
        const monitor = await configure({ heartbeat: PLAIN, period: '1h' });
        const output = `calls http://127.0.0.1/ping/${echo(PLAIN)}`;
        const ended = { unixMs: Date.now(), durationMs: 1, isSuccess: false, exitCode: 1, output };
        const heartbeats = { read: () => ({ expected: '', dueUnixMs: Date.now() + 1e6, ended }) };
        return targetAt({ [Symbol.asyncDispose]: () => Promise.resolve() }, monitor, withNetwork({ heartbeats }));
      },
    }),
  },
  grpc: { 'status message': () => ({ secret: WORD, make: echoGrpc }) },
  websocket: {
    'first message': () => ({
      secret: SECRET,
      async make(echo) {
        const server = await serveWebSocket((text) => echo(text));
        const send = JSON.stringify({ type: 'auth', token: SECRET });
        const settings = { websocket: server.url, send, expect: { message_contains: 'fine' } };
        return targetAt(server, await configure(settings));
      },
    }),
    'reason of a close': () => ({
      secret: PLAIN,
      isShort: true,
      async make(echo) {
        const server = await serveWebSocket((text, close) => close(echo(text)));
        const settings = { websocket: server.url, send: '%{CHAT_TOKEN}', expect: { message_contains: 'fine' } };
        return targetAt(server, await configure(settings, { CHAT_TOKEN: PLAIN }));
      },
    }),
    refusal: () => ({
      secret: WORD,
      async make(echo) {
        const server = await echoHttp(echo);
        const url = server.url.replace('http', 'ws').replace('//', `//ann:${encodeURIComponent(WORD)}@`);
        return targetAt(server, await configure({ websocket: url }));
      },
    }),
  },
  icmp: {
    // It has nothing to send; what a variable says of the host is all that could be repeated.
    'variable of the environment': () => ({
      secret: PLAIN,
      async make(echo) {
        const program = join(folder, `ping-${Math.random()}`);
        const said = echo(PLAIN).replaceAll("'", `'\\''`);
        await writeFile(program, `#!/bin/sh\nprintf '%s\\n' 'ping: no way to ${said}'\n`);
        await chmod(program, 0o755);
        const monitor = await configure({ icmp: '127.0.0.1', name: 'x %{PING_TOKEN}' }, { PING_TOKEN: PLAIN });
        const network = withNetwork({ pingProgram: program });
        return targetAt({ [Symbol.asyncDispose]: () => Promise.resolve() }, { ...monitor, name: 'shop' }, network);
      },
    }),
  },
  domain: {
    'URL of the RDAP server': () => ({
      secret: PLAIN,
      async make(echo) {
        const server = await echoHttp(echo);
        const url = `${server.url}/rdap/%{RDAP_KEY}/`;
        return targetAt(server, await configure({ domain: 'example.com', rdap_server: url }, { RDAP_KEY: PLAIN }));
      },
    }),
  },
} satisfies Record<MonitorKind, Readonly<Record<string, () => Echoing>>>;

async function serveWebSocket(answer: (text: string, close: (reason: string) => string) => string) {
  const server = createServer();
  new WebSocketServer({ server }).on('connection', (socket) =>
    socket.on('message', (data: Buffer) => {
      let reason: string | undefined;
      const said = answer(data.toString(), (given) => (reason = given));
      if (reason === undefined) socket.send(said);
      socket.close(1_008, reason ?? '');
    }),
  );
  return listenWith(server, 'ws');
}

/** Everything that leaves the checker of a run, and everything a person may read out of it. */
async function whatLeaves({ monitor, network }: ContractTarget): Promise<string> {
  const run = await probe(monitor, network);
  expect(run.verdict.outcome).not.toBe('up');
  const drawn = drawRun(run, 'target', { isColored: false, nowUnixMs: Date.now() });
  return [JSON.stringify(run), drawn, encodeSpans(new ProtoWriter(), run).toString('utf8')].join('\n');
}

/** Plain pieces of a secret of this length would be a leak as well. */
const PIECE = 5;

/** Reads a text in all the ways somebody might, without the code that hides. */
function readAllWays(text: string): string[] {
  const ways = [text];
  for (let round = 0; round < 5; round += 1) {
    const last = ways.at(-1) ?? '';
    ways.push(
      last
        .replace(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'))
        .replace(/\\u00([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
        .replace(/\\(["\\/])/g, '$1')
        .replace(/&#(\d+);/g, (_all, code: string) => String.fromCharCode(Number(code)))
        .replaceAll('&lt;', '<'),
    );
  }
  const codes = ways.flatMap((way) => way.match(/[\w+/=-]{8,}/g) ?? []);
  const decoded = codes.flatMap((code) =>
    [0, 1, 2, 3].map((from) => Buffer.from(code.slice(from), 'base64').toString('utf8')),
  );
  const hex = ways.flatMap((way) => way.match(/[\da-f]{8,}/gi) ?? []);
  const bytes = hex.flatMap((code) => [0, 1].map((from) => Buffer.from(code.slice(from), 'hex').toString('utf8')));
  return [...ways, ...ways.map((way) => way.replaceAll('+', ' ')), ...decoded, ...bytes];
}

/** @returns the longest piece of the secret that can be read in the text, from its beginning or to its end */
function longestPiece(text: string, secret: string): string {
  const ways = readAllWays(text);
  for (let length = secret.length; length >= PIECE; length -= 1) {
    for (const piece of [secret.slice(0, length), secret.slice(-length)])
      if (ways.some((way) => way.includes(piece))) return piece;
  }
  return '';
}

const cases = Object.entries(KINDS).flatMap(([kind, targets]) =>
  Object.entries<() => Echoing>(targets).map(([what, subject]) => [`${kind}: ${what}`, subject()] as const),
);

describe.each(cases)('what is secret is nowhere in what leaves of %s', (_name, { secret, make, isShort }) => {
  test('however the target repeats it', async () => {
    for (const [how, echo] of Object.entries(ECHOES)) {
      await using target = await make(echo);
      expect([how, longestPiece(await whatLeaves(target), secret)]).toEqual([how, '']);
    }
  });

  test('however much of it is left where the text is cut', async () => {
    if (isShort) return;
    for (const cut of CUTS) {
      for (const [how, encode] of [
        ['as it is', (text: string) => text],
        ['percent-encoded', encodeURIComponent],
      ] as const) {
        await using target = await make((text) => {
          const from = Math.max(0, text.indexOf(secret));
          return `${'.'.repeat(cut - 12)}${encode(text.slice(from))}${'.'.repeat(5_000)}`;
        });
        expect([cut, how, longestPiece(await whatLeaves(target), secret)]).toEqual([cut, how, '']);
      }
    }
  });
});
