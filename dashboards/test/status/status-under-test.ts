import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { silentLogger } from '@tocsin/service/log';
import type { RunningService } from '@tocsin/service/run';
import { createDashboards } from '../../src/app.ts';
import { configFrom } from '../fixtures.ts';

/** A post as alerting's API shows it. */
export type ShownPost = Readonly<Record<string, unknown>>;

/** A stand-in for the part of alerting that keeps posts; alerting's own tests hold its API to this shape. */
export interface PostsStandIn {
  readonly port: number;
  /** What `GET /api/v1/status-posts` shows; `undefined`: it fails. */
  posts: readonly ShownPost[] | undefined;
  /** What was sent. */
  readonly written: { readonly request: string; readonly actor: string | undefined; readonly body: unknown }[];
  /** With what a writing request is answered. */
  refusal: string | undefined;
  stop(): Promise<void>;
}

export async function startPostsStandIn(): Promise<PostsStandIn> {
  const server = createServer((request, response) => {
    void (async () => {
      const body = Buffer.concat((await request.toArray()) as Buffer[]).toString();
      const json = { 'content-type': 'application/json' };
      if (request.method !== 'GET') {
        standIn.written.push({
          request: `${request.method} ${request.url}`,
          actor: request.headers['x-tocsin-actor']?.toString(),
          body: body === '' ? undefined : JSON.parse(body),
        });
        if (standIn.refusal === undefined) response.writeHead(201, json).end('{}');
        else response.writeHead(422, json).end(JSON.stringify({ detail: standIn.refusal }));
      } else if (!request.url?.startsWith('/api/v1/status-posts')) response.writeHead(200, json).end('[]');
      else if (standIn.posts === undefined) response.writeHead(500).end();
      else response.writeHead(200, json).end(JSON.stringify({ posts: standIn.posts }));
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const standIn: PostsStandIn = {
    port: (server.address() as AddressInfo).port,
    posts: [],
    written: [],
    refusal: undefined,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      if (server.listening) await once(server, 'close');
    },
  };
  return standIn;
}

/** A post with its updates, an hour old. */
export function shownPost(changes: ShownPost = {}, nowMs = Date.now()): ShownPost {
  const at = new Date(nowMs - 3_600_000).toISOString();
  return {
    id: '0b8f6a52-33d1-4c7c-9d6e-2f9c7c1a0001',
    kind: 'incident',
    title: 'Card payments fail',
    monitors: ['pay'],
    impact: 'degraded',
    status: 'identified',
    startsAt: at,
    endsAt: null,
    endedAt: null,
    createdBy: 'ana-token',
    createdAt: at,
    updatedAt: at,
    updates: [
      { at, status: 'investigating', text: 'We look into failing card payments.', actor: 'ana-token' },
      { at, status: 'identified', text: 'A provider is slow.\nWe have switched to another.', actor: 'ana-token' },
    ],
    ...changes,
  };
}

/** A console with a status page, in this process. */
export interface StatusUnderTest extends RunningService {
  readonly consoleUrl: string;
  readonly publicUrl: string;
}

/** Starts it; `yaml` is `monitors`, `status_page` and what else there is. */
export async function startStatus(
  clickhouseUrl: string,
  alertingPort: number,
  yaml: string,
  console = '{ http: 0 }',
): Promise<StatusUnderTest> {
  const config = await configFrom(`
clickhouse: { url: '${clickhouseUrl}' }
alerting: { http: ${alertingPort} }
console: ${console}
${yaml}`);
  const running = await createDashboards({
    config,
    dataDir: '/nowhere',
    log: silentLogger(),
    onReload: () => undefined,
  });
  const { listening } = running;
  return {
    ...running,
    consoleUrl: listening['console.http'] ?? '',
    publicUrl: listening['status_page.listen'] ?? '',
  };
}

/** A page with two groups; `hidden-ledger` and the windows' names are nobody's business. */
export const STATUS_YAML = `
monitors:
  - name: shop
    http: http://shop.internal.test/health
    interval: 30s
  - name: pay
    http: https://pay.internal.test/health
    interval: 30s
    depends_on: hidden-ledger
  - { name: partner, http: 'http://partner.internal.test/health', interval: 30s }
  - { name: new, http: 'http://new.internal.test/health', interval: 30s }
  - { name: hidden-ledger, http: 'http://ledger.internal.test:8443/secret-path', interval: 30s }
maintenance:
  - { name: db07 kernel, monitors: [pay, hidden-ledger], days: [sunday], time: '02:00', duration: 2h }
  - { name: secret move, monitors: [hidden-ledger], days: [monday], time: '02:00', duration: 2h }
status_page:
  listen: 127.0.0.1:0
  hosts: [status.example.test]
  name: Example Shop
  description: What our customers use.
  footer: "Questions: help@example.test"
  color: '#7a1f5c'
  timezone: Europe/Berlin
  groups:
    - name: Shop
      description: Everything you see while you buy.
      monitors:
        - { monitor: shop, name: Web shop, description: Pages and the cart. }
        - { monitor: pay, name: Card payments }
    - name: Partners
      monitors: [{ monitor: partner, name: Partner interface }, { monitor: new, name: New search, response_times: false }]
  maintenance: [{ window: db07 kernel, title: Work on the payment database, text: Payments may take longer. }]
`;
