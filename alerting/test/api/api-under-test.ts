import { hash } from 'node:crypto';
import { silentLogger } from '@tocsin/service/log';
import type { ReloadOutcome } from '@tocsin/service/run';
import { type Api, type ApiOptions, createApi } from '../../src/api/api.ts';
import type { Role } from '../../src/api/access/roles.ts';
import type { Endpoint } from '../../src/api/framework/endpoint.ts';
import type { SloStatus } from '../../src/slo/slo-status.ts';
import type { RuleStatus } from '../../src/rules/status.ts';
import { readConfig, Scenario } from '../notify/scenario.ts';

/** Tokens by their roles, as `tokens()` configures them. */
export const TOKENS = {
  sender: 'tocsin_sender-token',
  viewer: 'tocsin_viewer-token',
  responder: 'tocsin_responder-token',
  admin: 'tocsin_admin-token',
} as const satisfies Record<Role, string>;
export const INTERNAL_KEY = 'internal-key-internal-key-internal-key';

/** The lines of `alerting.api` with a token for each role. */
export function tokens(auth = 'required'): string {
  const list = Object.entries(TOKENS).map(
    ([role, token]) => `{ name: ${role}-token, role: ${role}, sha256: ${hash('sha256', token)} }`,
  );
  return `  api: { auth: ${auth}, tokens: [${list.join(', ')}] }`;
}

/** What the API answered. */
export interface Answered<Body> {
  readonly status: number;
  readonly type: string | null;
  readonly headers: Headers;
  readonly body: Body;
}

/** The API over a scenario, with the clock of the scenario. */
export class ApiUnderTest {
  readonly scenario: Scenario;
  readonly api: Api;
  readonly url: string;
  /** Sent with every request unless one says otherwise. */
  token: string | undefined;

  private constructor(scenario: Scenario, api: Api, url: string) {
    this.scenario = scenario;
    this.api = api;
    this.url = url;
  }

  static async start(
    alerting: string,
    parts: {
      readonly rules?: () => RuleStatus[];
      readonly ruleValues?: NonNullable<ApiOptions['ruleValues']>;
      readonly slos?: readonly SloStatus[];
      readonly reload?: () => Promise<ReloadOutcome>;
      readonly notReady?: () => readonly string[];
      readonly more?: readonly Endpoint[];
      readonly path?: string;
    } = {},
  ): Promise<ApiUnderTest> {
    const text = `\n  http: 127.0.0.1:0\n${alerting}`;
    const scenario = await Scenario.begin(text, parts.path);
    const config = await readConfig(`alerting:${text}`);
    const api = createApi({
      config: () => config,
      database: scenario.database,
      notifier: scenario.notifier,
      rules: { status: parts.rules ?? (() => []) },
      ...(parts.ruleValues && { ruleValues: parts.ruleValues }),
      sloStatus: () => Promise.resolve(parts.slos ?? []),
      readiness: () => {
        const reasons = parts.notReady?.() ?? [];
        return { ready: reasons.length === 0, reasons };
      },
      reload: parts.reload ?? (() => Promise.resolve({ status: 'ok' })),
      internalKey: INTERNAL_KEY,
      more: parts.more ?? [],
      log: silentLogger(),
      version: '1.2.3',
      now: () => scenario.nowMs,
    });
    return new ApiUnderTest(scenario, api, await api.listen());
  }

  async stop(): Promise<void> {
    await this.api.stop();
    await this.scenario.end();
  }

  /** Sends a request; a body that is no text goes as JSON. */
  async ask<Body = unknown>(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answered<Body>> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const type = response.headers.get('content-type');
    const isJson = text !== '' && (type?.includes('json') ?? false);
    const { status, headers: answered } = response;
    return { status, type, headers: answered, body: (isJson ? JSON.parse(text) : text) as Body };
  }

  get<Body = unknown>(path: string): Promise<Answered<Body>> {
    return this.ask<Body>('GET', path);
  }
}
