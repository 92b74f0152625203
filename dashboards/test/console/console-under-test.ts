import { silentLogger } from '@tocsin/service/log';
import type { RunningService } from '@tocsin/service/run';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createDashboards } from '../../src/app.ts';
import { configFrom } from '../fixtures.ts';

/** What alerting answers to `GET /api/v2/alerts`. */
export interface AlertingStandIn {
  readonly port: number;
  /** Status and body of the answers from now on; `'hang'` never answers. */
  answer: { readonly status: number; readonly body: string } | 'hang';
  /** By path without its query, instead of `answer`. */
  readonly answers: Map<string, { readonly status: number; readonly body: string }>;
  readonly requests: string[];
  /** Of each request: headers and body. */
  readonly received: { readonly headers: IncomingHttpHeaders; readonly body: string }[];
  stop(): Promise<void>;
}

/** A small HTTP server in alerting's place; alerting's own tests hold its API to the same shape. */
export async function startAlertingStandIn(): Promise<AlertingStandIn> {
  const server: Server = createServer((request, response) => {
    standIn.requests.push(`${request.method} ${request.url}`);
    void text(request).then((body) => {
      standIn.received.push({ headers: request.headers, body });
      const answer = standIn.answers.get(request.url?.split('?', 1)[0] ?? '') ?? standIn.answer;
      if (answer === 'hang') return;
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const standIn: AlertingStandIn = {
    port: (server.address() as AddressInfo).port,
    answer: { status: 200, body: '[]' },
    answers: new Map([
      ['/api/v1/oncall/now', { status: 200, body: '{"schedules":[]}' }],
      ['/api/v1/incidents', { status: 200, body: '{"incidents":[]}' }],
    ]),
    received: [],
    requests: [],
    stop: async () => {
      server.closeAllConnections();
      server.close();
      if (server.listening) await once(server, 'close');
    },
  };
  return standIn;
}

/** By which alerting knows the console. */
export const INTERNAL_KEY = 'internal-key-of-the-console';

/** A console that runs in this process, on a port of its own. */
export interface ConsoleUnderTest extends RunningService {
  readonly url: string;
}

/** Starts the console against a ClickHouse and an alerting; `yaml` is the rest of the configuration, `alertingYaml` of what it knows of alerting. */
export async function startConsole(
  clickhouseUrl: string,
  alertingPort: number,
  yaml = '',
  { dataDir = '/nowhere', consoleYaml = '', alertingYaml = '' } = {},
): Promise<ConsoleUnderTest> {
  const config = await configFrom(`
clickhouse: { url: '${clickhouseUrl}' }
alerting: { http: ${alertingPort}, ${alertingYaml} }
console: { http: 0, grafana_url: 'http://grafana.test:3000', ${consoleYaml} }
${yaml}`);
  const running = await createDashboards({
    config,
    dataDir,
    log: silentLogger(),
    internalKey: INTERNAL_KEY,
    onReload: () => undefined,
  });
  return { ...running, url: running.listening['console.http'] ?? '' };
}

/** An alert as alerting shows it. */
export function shownAlert(
  alertname: string,
  annotations: Record<string, string> = {},
  startsAt = new Date(),
): unknown {
  return {
    fingerprint: '0123456789abcdef',
    labels: { alertname, monitor: 'shop', severity: 'page' },
    annotations,
    startsAt: startsAt.toISOString(),
    endsAt: new Date(startsAt.getTime() + 300_000).toISOString(),
    updatedAt: startsAt.toISOString(),
    generatorURL: '',
    receivers: [{ name: 'team' }],
    status: { state: 'active', silencedBy: [], inhibitedBy: [] },
  };
}

/** Who is on call, as alerting says it. */
export function shownOnCall(nowMs: number): unknown {
  const shift = (user: string, from: number, to: number) => ({
    user,
    start: new Date(nowMs + from * 3_600_000).toISOString(),
    end: new Date(nowMs + to * 3_600_000).toISOString(),
    override: null,
  });
  return {
    schedules: [
      { schedule: 'primary', now: shift('ana', -4, 2), next: shift('ben', 2, 10) },
      { schedule: 'database', now: null, next: shift('cleo', 30, 60) },
    ],
  };
}

/** The monitors of the seeded hour. */
export const MONITORS_YAML = `
monitors:
  - { name: shop, group: Store, http: 'http://shop.test/health', interval: 30s }
  - { name: pay, group: Store, http: 'https://pay.test/health', interval: 30s }
  - { name: partner, http: 'http://partner.test/health', interval: 30s }
  - { name: new, http: 'http://new.test/health', interval: 30s }
  - { name: nightly, http: 'http://nightly.test/', cron: '0 3 * * *', timezone: Europe/Berlin }
`;
