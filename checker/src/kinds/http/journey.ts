import type { IncomingHttpHeaders } from 'node:http';
import type { ConnectionSettings, HttpExpectation, OAuth2Settings, RequestSettings } from '@tocsin/service/config';
import { Cookie, CookieJar } from 'tough-cookie';
import { judgeTimeout } from '../../net/failure.ts';
import { ABORTED, done, judged, type Step } from '../../net/step.ts';
import { joinCertificates, type PeerCertificate } from '../../net/tls.ts';
import { PhaseRecorder } from '../../phases.ts';
import { RunLimit } from '../../run-limit.ts';
import { collectSecrets } from '../../secrets/collect-secrets.ts';
import { findCredentials } from '../../secrets/credentials.ts';
import { hideSecrets } from '../../secrets/hide-secrets.ts';
import { unknown, type Verdict } from '../../verdict.ts';
import type { ProbeContext } from '../kind.ts';
import type { Answer } from './exchange.ts';
import { judgeRedirect } from './judge-redirect.ts';
import { choosePolicy, decideRedirect, type RedirectDecision } from './redirect.ts';
import { encodeBody } from './request-body.ts';
import { buildRequest, type HttpRequest } from './request.ts';
import { httpStateOf } from './state.ts';
import { buildTokenRequest, readToken } from './token.ts';
import { targetOf, type Visited, visitOnce } from './visit.ts';

/** What all requests of a run have in common. */
export interface JourneySettings {
  readonly connection: ConnectionSettings;
  readonly timeoutMs: number;
}

/** One stop of a journey on the run's time line. */
export interface Stop {
  readonly visited: Visited;
  readonly startOffsetMs: number;
  readonly durationMs: number;
  /** The step of a flow it belongs to. */
  readonly step: string | undefined;
}

/** The last response to a request, after its redirects. */
export interface Response {
  readonly answer: Answer;
  readonly url: URL;
  /** Of the configured URL's own server, not of where a redirect led. */
  readonly certificate: PeerCertificate | undefined;
  readonly startOffsetMs: number;
  readonly endOffsetMs: number;
  /** Time that went into getting an access token first. */
  readonly tokenMs: number;
}

/**
 * The requests of one run: each with its redirects, every one over a connection of its own, with the cookies of this run alone. Time is
 * limited for all of them together.
 */
export class Journey {
  readonly recorder: PhaseRecorder;
  readonly limit: RunLimit;
  readonly stops: Stop[] = [];
  readonly #settings: JourneySettings;
  readonly #context: ProbeContext;
  readonly #secrets: Set<string>;
  #jar: CookieJar | undefined;
  #towards: URL | undefined;
  #fetchingToken = false;

  constructor(settings: JourneySettings, context: ProbeContext) {
    this.#settings = settings;
    this.#context = context;
    this.#secrets = new Set(context.secrets);
    this.recorder = new PhaseRecorder(context.clock);
    this.limit = new RunLimit({ ...context, timeoutMs: settings.timeoutMs });
  }

  /** Texts that must not leave the checker. */
  keepSecret(...texts: readonly string[]): void {
    for (const text of texts) this.#secrets.add(text);
  }

  /** All that must not leave the checker: of the configuration, and what this run was given. */
  get secrets(): Iterable<string> {
    return this.#secrets;
  }

  readonly hide = (text: string): string => hideSecrets(text, this.#secrets);

  /** What it means that the time is up now. */
  judgeTimeout(): Verdict {
    const { timeoutMs, connection } = this.#settings;
    const target = this.#towards ? targetOf(this.#towards) : 'the target';
    const phase = this.recorder.current ?? 'connect';
    if (this.#fetchingToken) {
      return unknown('token_failed', `expected an access token of ${target} within ${timeoutMs}ms, found none`);
    }
    const verdict = judgeTimeout(target, phase, timeoutMs);
    const proxy = connection.proxy === undefined ? undefined : targetOf(new URL(connection.proxy));
    if (proxy === undefined || verdict.outcome !== 'down' || phase !== 'connect') return verdict;
    // A proxy that has been reached and opens no tunnel waits for the target; before, it is the proxy that keeps us waiting.
    const hop = this.stops.length - 1;
    if (this.recorder.phases.some((each) => each.name === 'connect' && each.hop === hop)) return verdict;
    return unknown('proxy_failed', `the proxy ${proxy}: ${verdict.message}`);
  }

  /**
   * Sends a request and follows its redirects.
   * @param expect decides whether a redirect is the answer itself
   * @param step the name of the step of a flow
   */
  async send(settings: RequestSettings, expect: readonly HttpExpectation[], step?: string): Promise<Step<Response>> {
    const startOffsetMs = this.recorder.elapsedMs();
    const { auth } = settings;
    const towards = URL.parse(settings.url);
    if (!towards)
      return judged(unknown('invalid_request', 'expected a URL, found none once the values were filled in'));
    this.#towards = towards;
    const body = settings.body === undefined ? undefined : await encodeBody(settings.body);
    if (body !== undefined && body.status !== 'done') return body;
    if (settings.body?.type === 'file') this.keepSecret(...findCredentials(body?.value.bytes.toString('utf8') ?? ''));
    const client = auth?.type === 'oauth2' ? auth : undefined;
    const state = httpStateOf(this.#context.network);
    for (let attempt = 0; ; attempt += 1) {
      const isKept = client !== undefined && state.tokens.find(client, this.#context.clock.monotonicMs()) !== undefined;
      const token = client === undefined ? undefined : await this.#authorize(client);
      if (token !== undefined && token.status !== 'done') return token;
      const authorization = token === undefined ? undefined : `Bearer ${token.value}`;
      const tokenMs = attempt === 0 && client !== undefined && !isKept ? this.recorder.elapsedMs() - startOffsetMs : 0;
      const { traceparent } = this.#context;
      const first = buildRequest(settings, { traceparent, body: body?.value, authorization });
      const response = await this.#follow(first, settings, expect, step);
      const isStale = response.status === 'done' && response.value.answer.statusCode === 401 && client !== undefined;
      if (isStale) state.tokens.forget(client);
      // A token of an earlier run may have been called back: once more with a new one.
      if (isStale && isKept && attempt === 0) continue;
      if (response.status !== 'done') return response;
      const endOffsetMs = this.recorder.elapsedMs();
      return done({ ...response.value, startOffsetMs, endOffsetMs, tokenMs });
    }
  }

  async #follow(
    first: HttpRequest,
    settings: RequestSettings,
    expect: readonly HttpExpectation[],
    step: string | undefined,
  ): Promise<Step<Pick<Response, 'answer' | 'url' | 'certificate'>>> {
    const policy = choosePolicy(settings, expect);
    let request = first;
    const certificates: PeerCertificate[] = [];
    for (let followed = 0; ; followed += 1) {
      const decide = (statusCode: number, headers: IncomingHttpHeaders): RedirectDecision =>
        decideRedirect(request, { statusCode, location: headers.location }, policy, followed);
      const sent = this.#withCookies(request);
      this.keepSecret(...collectSecrets(sent.url, { ...sent.headers, traceparent: '' }));
      const visited = await this.#visit(sent, settings.maxBodyBytes, step, decide);
      if (visited.certificate) certificates.push(visited.certificate);
      if (visited.step.status !== 'done') return visited.step;
      const answer = visited.step.value;
      this.#takeCookies(request.url, answer.headers);
      const decision = decide(answer.statusCode, answer.headers);
      if (decision.action === 'refuse') return judged(judgeRedirect(request, answer, policy, decision.reason));
      if (decision.action === 'stay')
        return done({ answer, url: request.url, certificate: joinCertificates(certificates) });
      request = decision.request;
    }
  }

  async #visit(
    request: HttpRequest,
    maxBodyBytes: number,
    step: string | undefined,
    decide: (statusCode: number, headers: IncomingHttpHeaders) => RedirectDecision,
  ): Promise<Visited> {
    this.#towards = request.url;
    const { recorder } = this;
    const startOffsetMs = recorder.elapsedMs();
    const { connection } = this.#settings;
    const visited = await visitOnce({
      request,
      hop: this.stops.length,
      network: this.#context.network,
      recorder,
      signal: this.limit.signal,
      family: familyOf(connection),
      connection,
      contexts: httpStateOf(this.#context.network).contexts,
      maxBodyBytes,
      wantsBody: (statusCode, headers) => decide(statusCode, headers).action === 'stay',
    });
    this.stops.push({ visited, startOffsetMs, durationMs: recorder.elapsedMs() - startOffsetMs, step });
    return visited;
  }

  /** An access token, kept or new. What it takes to get one is not told as phases of the target. */
  async #authorize(client: OAuth2Settings): Promise<Step<string>> {
    const { clock, network, traceparent } = this.#context;
    const { tokens, contexts } = httpStateOf(network);
    const kept = tokens.find(client, clock.monotonicMs());
    if (kept !== undefined) {
      this.keepSecret(kept);
      return done(kept);
    }
    const request = buildTokenRequest(client, traceparent);
    this.keepSecret(...collectSecrets(request.url, { ...request.headers, traceparent: '' }));
    this.#towards = request.url;
    this.#fetchingToken = true;
    const { connection } = this.#settings;
    const { step } = await visitOnce({
      request,
      hop: 0,
      network,
      recorder: new PhaseRecorder(clock),
      signal: this.limit.signal,
      family: familyOf(connection),
      connection: { ...connection, version: '1.1', tls: { ...connection.tls, serverName: undefined, insecure: false } },
      contexts,
      maxBodyBytes: 2 ** 20,
      wantsBody: () => true,
    });
    if (step.status === 'aborted') return ABORTED;
    if (step.status === 'judged') return judged(blameToken(step.verdict));
    this.#fetchingToken = false;
    const granted = readToken(targetOf(request.url), step.value);
    if (granted.status !== 'done') return granted;
    tokens.keep(client, granted.value, clock.monotonicMs());
    this.keepSecret(granted.value.token);
    return done(granted.value.token);
  }

  #withCookies(request: HttpRequest): HttpRequest {
    const cookies = this.#jar?.getCookieStringSync(request.url.href) ?? '';
    if (cookies === '') return request;
    const configured = request.headers['cookie'];
    const cookie = configured === undefined ? cookies : `${configured}; ${cookies}`;
    return { ...request, headers: { ...request.headers, cookie } };
  }

  #takeCookies(url: URL, headers: IncomingHttpHeaders): void {
    for (const line of [headers['set-cookie'] ?? []].flat()) {
      this.#jar ??= new CookieJar(undefined, { rejectPublicSuffixes: false, looseMode: true });
      this.#jar.setCookieSync(line, url.href, { ignoreError: true });
      // Also one that goes no further (of another domain, for one): a message may quote the header.
      this.keepSecret(Cookie.parse(line, { loose: true })?.value ?? '');
    }
  }

  /** The value of a cookie that this run has been given. */
  findCookie(name: string, url: URL): string | undefined {
    return this.#jar?.getCookiesSync(url.href).find(({ key }) => key === name)?.value;
  }
}

function familyOf({ ip }: ConnectionSettings): 4 | 6 | undefined {
  return ip === 'auto' ? undefined : ip === '4' ? 4 : 6;
}

/** That a token cannot be had says nothing about the target; what is our own trouble anyway keeps its reason. */
function blameToken(verdict: Verdict): Verdict {
  return verdict.outcome === 'unknown' ? verdict : unknown('token_failed', `no access token: ${verdict.message}`);
}
