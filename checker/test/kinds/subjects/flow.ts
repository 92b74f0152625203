import type { FlowStep, HttpExpectation, MonitorOf } from '@tocsin/service/config';
import { makeConnection, makeMonitor, type MonitorParts } from '../../monitors.ts';
import { findClosedPort, serveHttp, type TestServer } from '../../servers.ts';
import type { ContractSubject } from '../contract.ts';

type StepParts = MonitorParts & { readonly extract?: FlowStep['extract'] };

export function makeStep(name: string, url: string, parts: StepParts = {}): FlowStep {
  const { http, expect: expectations } = makeMonitor(url, parts);
  return { name, request: http, expect: expectations as HttpExpectation[], extract: parts.extract ?? {} };
}

export function makeFlow(flow: readonly FlowStep[], timeoutMs = 5_000): MonitorOf<'flow'> {
  const { http: _http, expect: _expect, ...common } = makeMonitor('http://127.0.0.1/', { timeoutMs });
  return { ...common, kind: 'flow', flow, connection: makeConnection() };
}

/** Gives a token at /login and an order to whoever brings it. */
export function serveShop(): Promise<TestServer> {
  return serveHttp(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    if (request.url === '/login') {
      response.setHeader('set-cookie', 'sid=cookie-77').setHeader('x-csrf', 'csrf-88');
      response.end(JSON.stringify({ token: 'token-66', page: 'order id=ord-55;' }));
    } else if (request.url === '/orders/ord-55') {
      const { authorization, cookie, 'x-csrf': csrf } = request.headers;
      const good = authorization === 'Bearer token-66' && cookie === 'sid=cookie-77' && csrf === 'csrf-88';
      response
        .writeHead(good && body === 'sid=cookie-77' ? 200 : 403)
        .end(`${authorization} ${cookie} ${csrf} ${body}`);
    } else response.writeHead(404).end();
  });
}

export const login = (server: TestServer): FlowStep =>
  makeStep('login', `${server.url}/login`, {
    extract: {
      token: { from: 'json', path: '$.token' },
      order: { from: 'body', pattern: 'id=([a-z0-9-]+)' },
      csrf: { from: 'header', name: 'x-csrf' },
      sid: { from: 'cookie', name: 'sid' },
    },
  });

/** What kind flow brings to the contract of all kinds. */
export const flowSubject: ContractSubject<'flow'> = {
  kind: 'flow',
  async up() {
    const server = await serveShop();
    return { monitor: makeFlow([login(server)]), [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
  },
  down: [
    [
      'connect_refused',
      async () => ({
        monitor: makeFlow([makeStep('one', `http://127.0.0.1:${await findClosedPort()}/`)]),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      }),
    ],
  ],
  hanging: [
    [
      'never answers in its second step',
      async () => {
        const server = await serveHttp((request, response) => request.url === '/1' && response.end());
        const steps = [makeStep('one', `${server.url}/1`), makeStep('two', `${server.url}/2`)];
        return { monitor: makeFlow(steps, 200), [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
      },
    ],
  ],
  atHost: (host) => makeFlow([makeStep('one', `http://${host}:9/`)]),
};
